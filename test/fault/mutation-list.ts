// Mutations: edits that break the server on purpose. A unit test checks that each still matches the source.

/** Edit replaces a text that occurs once in a file. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Mutation breaks one promise of the server. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "ok before the write",
    edits: [
      {
        file: "src/room/command-handler.ts",
        find: "    submit({",
        replace: `if (id !== undefined) {
      connection.push({ type: "ok", id, seq: this.#options.log.head + 1 });
      connection.flush("");
    }
    submit({`,
      },
      {
        file: "src/room/command-handler.ts",
        find: 'else if (id !== undefined) output.push(connection, { type: "ok", id, seq: result.value.seq });',
        replace: "",
      },
      // The write is delayed, as in a server that batches writes without holding back its answers.
      {
        file: "src/room/sockets.ts",
        find: "hosted.receive(connection, frame, Date.now());\n    this.run();",
        replace: "hosted.receive(connection, frame, Date.now());\n    setTimeout(() => this.run(), 25);",
      },
    ],
  },
  {
    name: "no idempotency",
    edits: [
      {
        file: "src/room/sequencer.ts",
        find: "id === undefined ? null : this.#recent.find(user, id, body)",
        replace: "id === undefined || this.#recent.find(user, id, body) !== -1 ? null : 0",
      },
    ],
  },
  {
    name: "a resume that skips the last event",
    edits: [
      {
        file: "src/room/recent-events.ts",
        find: "this.#events.slice(skipped)",
        replace: "this.#events.slice(skipped, -1)",
      },
    ],
  },
  {
    name: "seq assigned after an await",
    edits: [
      // The await takes longer for some frames than for others, like any asynchronous call.
      {
        file: "src/room/chat-room.ts",
        find: `override webSocketMessage(ws: WebSocket, frame: string | ArrayBuffer): void {`,
        replace: `override async webSocketMessage(ws: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    await scheduler.wait(Math.random() * 3);`,
      },
    ],
  },
  {
    name: "broadcast that one socket can abort",
    edits: [
      {
        file: "src/room/sockets.ts",
        find: "if (ws.readyState === WebSocket.OPEN) ws.send(frame);",
        replace: "ws.send(frame);",
      },
      {
        file: "src/room/audience.ts",
        find: 'this.#options.report("a frame could not be sent", error);\n      return "closed";',
        replace: "throw error;",
      },
    ],
  },
];
