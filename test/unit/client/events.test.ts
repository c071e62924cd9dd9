// What the client makes of a room's lines: each event once and in order, holes, snapshots, listeners.
import { describe, expect, test, vi } from "vitest";
import type { ChatState } from "../../../src/client/index.ts";
import type { RoomEvent } from "../../../src/protocol/index.ts";
import { ClientRig } from "../../helpers/client-rig.ts";
import { messageLine, messageLines } from "../../helpers/server-lines.ts";

/** Collects the seqs of the events that the client emits from now on. */
function emittedSeqs(rig: ClientRig): number[] {
  const seqs: number[] = [];
  rig.client.on("event", ({ seq }: RoomEvent) => seqs.push(seq));
  return seqs;
}

/** The client's items in short: a message is its seq, a gap its bounds. */
function shape({ client }: ClientRig): (number | string)[] {
  return client.state.timeline.items.map((item) =>
    item.type === "gap" ? `${item.after}..${item.before}` : item.seq,
  );
}

/** Loses the connection and opens another. */
function reopen(rig: ClientRig): void {
  rig.socket.drop();
  rig.client.reconnectNow();
}

describe("events", () => {
  test("are emitted once each and in order, also if some arrive twice", () => {
    const rig = new ClientRig().join({ seq: 3, events: messageLines(2, 3), more: true });
    const seqs = emittedSeqs(rig);
    rig.socket.receive(messageLine(3), messageLine(4), messageLine(4), messageLine(5));
    rig.socket.receive(messageLine(5), messageLine(6));
    expect(seqs).toEqual([4, 5, 6]);
    expect(shape(rig)).toEqual([2, 3, 4, 5, 6]);
  });

  test("with a hole break the connection, and the next one resumes before it", () => {
    const rig = new ClientRig().join({ seq: 3, events: messageLines(1, 3) });
    const seqs = emittedSeqs(rig);
    rig.socket.receive(messageLine(4), messageLine(6), messageLine(7));
    expect(rig.client.state).toMatchObject({ connection: "waiting", timeline: { head: 4 } });
    expect(rig.socket.closed).toEqual({ code: 4000, reason: "events are missing" });
    rig.client.reconnectNow();
    rig.socket.open();
    expect(rig.socket.lines).toMatchObject([{ type: "hello", resume: { seq: 4 } }]);
    rig.welcome({ resumed: true, seq: 7, events: messageLines(5, 7) });
    expect(seqs).toEqual([4, 5, 6, 7]);
  });

  test("before the welcome are ignored", () => {
    const rig = new ClientRig();
    rig.client.connect();
    rig.socket.open();
    rig.socket.receive(messageLine(1));
    expect(rig.client.state.timeline.items).toEqual([]);
  });

  test("between unknown or invalid lines are processed", () => {
    const rig = new ClientRig().join();
    rig.socket.receive("not json", { type: "novelty" }, { type: "message", seq: "1" }, messageLine(1));
    expect(shape(rig)).toEqual([1]);
  });
});

describe("resuming", () => {
  test("applies the missed events", () => {
    const rig = new ClientRig().join({ seq: 2, events: messageLines(1, 2) });
    const seqs = emittedSeqs(rig);
    reopen(rig);
    rig.welcome({ resumed: true, seq: 4, events: messageLines(3, 4) });
    expect(seqs).toEqual([3, 4]);
    expect(shape(rig)).toEqual([1, 2, 3, 4]);
  });

  test("that the room does not grant leaves a gap and emits no events", () => {
    const rig = new ClientRig().join({ seq: 2, events: messageLines(1, 2) });
    const seqs = emittedSeqs(rig);
    reopen(rig);
    rig.welcome({ resumed: false, seq: 9, events: messageLines(8, 9), more: true });
    expect(seqs).toEqual([]);
    expect(shape(rig)).toEqual([1, 2, "2..8", 8, 9]);
  });

  test("that is not granted refreshes the known messages", () => {
    const rig = new ClientRig().join({ seq: 2, events: messageLines(1, 2) });
    reopen(rig);
    rig.welcome({ seq: 9, events: messageLines(8, 9), more: true });
    expect(rig.socket.lines.slice(1)).toMatchObject([{ type: "history", before: 3, limit: 100 }]);
    const deleted = messageLine(2, { text: "", deleted: true });
    rig.socket.receive({ type: "history", id: "id-1", events: [messageLine(1), deleted], more: false });
    expect(rig.client.state.timeline.items[1]).toMatchObject({ seq: 2, deleted: true });
    expect(rig.socket.sent).toHaveLength(2);
  });

  test("in another log replaces the timeline", () => {
    const rig = new ClientRig().join({ seq: 2, events: messageLines(1, 2) });
    reopen(rig);
    rig.welcome({ epoch: "epoch-2", seq: 1, events: [messageLine(1, { text: "new" })] });
    expect(rig.client.state).toMatchObject({
      epoch: "epoch-2",
      timeline: { head: 1, items: [{ text: "new" }] },
    });
  });

  test("in a log that became shorter replaces the timeline", () => {
    const rig = new ClientRig().join({ seq: 3, events: messageLines(1, 3) });
    reopen(rig);
    rig.welcome({ seq: 2, events: messageLines(1, 2) });
    expect(shape(rig)).toEqual([1, 2]);
  });

  test("with a hole fails, and the next hello does not ask to resume", () => {
    const rig = new ClientRig().join({ seq: 2, events: messageLines(1, 2) });
    reopen(rig);
    rig.welcome({ resumed: true, seq: 5, events: [messageLine(3), messageLine(5)] });
    expect(rig.client.state.connection).toBe("waiting");
    expect(shape(rig)).toEqual([1, 2]);
    rig.client.reconnectNow();
    rig.socket.open();
    expect(rig.socket.lines[0]).not.toHaveProperty("resume");
    rig.welcome({ seq: 5, events: messageLines(4, 5), more: true });
    expect(shape(rig)).toEqual([1, 2, "2..4", 4, 5]);
    reopen(rig);
    rig.socket.open();
    expect(rig.socket.lines[0]).toMatchObject({ resume: { epoch: "epoch-1", seq: 5 } });
  });
});

describe("the state", () => {
  test("has the fields of the welcome", () => {
    const ada = { user: "ada", name: "Ada" };
    const rig = new ClientRig().join({ members: [{ user: "me", name: "Me" }, ada], online: 2, seq: 0 });
    expect(rig.client.state).toMatchObject({
      connection: "online",
      you: { user: "me", name: "Me" },
      room: "demo",
      epoch: "epoch-1",
      online: 2,
      members: [{ user: "me", name: "Me" }, ada],
      typing: [],
      outbox: [],
      limits: { text: 8_192, name: 32, frame: 32_768 },
      clockOffset: 0,
    });
  });

  test("has the offset of the server's clock", () => {
    const rig = new ClientRig();
    rig.join({ now: rig.clock.now() + 86_400_000 });
    expect(rig.client.state.clockOffset).toBe(86_400_000);
  });

  test("is emitted once for a frame, and a snapshot never changes", () => {
    const rig = new ClientRig().join();
    const states: ChatState[] = [rig.client.state];
    rig.client.on("state", (state) => states.push(state));
    rig.socket.receive(messageLine(1), { type: "typing", users: ["ada"] }, messageLine(2), {
      type: "presence",
      online: 2,
      join: [{ user: "ada", name: "Ada" }],
    });
    rig.socket.receive(messageLine(3));
    expect(states.map(({ timeline }) => timeline.items.length)).toEqual([0, 2, 3]);
    expect(states[1]).toMatchObject({ online: 2, typing: ["ada"] });
    expect(states[2]).toBe(rig.client.state);
    expect(states[2]?.members).toBe(states[1]?.members);
  });

  test("is the same object while nothing changes", () => {
    const rig = new ClientRig().join();
    const before = rig.client.state;
    rig.socket.receive({ type: "pong" }, { type: "novelty" });
    rig.client.typing(false);
    rig.client.retry("nothing");
    expect(rig.client.state).toBe(before);
  });

  test("loses the typing users after 6 s and with the connection", () => {
    const rig = new ClientRig().join();
    rig.socket.receive({ type: "typing", users: ["ada", "me"] });
    expect(rig.client.state.typing).toEqual(["ada"]);
    rig.clock.advance(5_999);
    expect(rig.client.state.typing).toEqual(["ada"]);
    rig.clock.advance(1);
    expect(rig.client.state.typing).toEqual([]);
    rig.socket.receive({ type: "typing", users: ["ada"] });
    rig.socket.drop();
    expect(rig.client.state.typing).toEqual([]);
  });
});

describe("listeners", () => {
  test("receive the welcome, then its events, then the state", () => {
    const rig = new ClientRig().join({ seq: 1, events: [messageLine(1)] });
    const received: string[] = [];
    rig.client.on("state", ({ timeline }) => received.push(`state ${timeline.head}`));
    rig.client.on("event", ({ seq }) => received.push(`event ${seq} of ${rig.client.state.timeline.head}`));
    rig.client.on("welcome", ({ seq }) => received.push(`welcome ${seq}`));
    reopen(rig);
    received.length = 0;
    rig.welcome({ resumed: true, seq: 3, events: messageLines(2, 3) });
    expect(received).toEqual(["welcome 3", "event 2 of 3", "event 3 of 3", "state 3"]);
  });

  test("receive nothing after they were removed", () => {
    const rig = new ClientRig().join();
    const listener = vi.fn();
    const off = rig.client.on("event", listener);
    rig.socket.receive(messageLine(1));
    off();
    off();
    rig.socket.receive(messageLine(2));
    expect(listener).toHaveBeenCalledOnce();
  });

  test("that throw disturb no other, and the error is reported as uncaught", () => {
    const reports: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (report: () => void) => reports.push(report));
    try {
      const rig = new ClientRig().join();
      rig.client.on("event", () => {
        throw new Error("a listener failed");
      });
      const seqs = emittedSeqs(rig);
      rig.socket.receive(messageLine(1), messageLine(2));
      expect(seqs).toEqual([1, 2]);
      expect(reports).toHaveLength(2);
      expect(reports[0]).toThrow("a listener failed");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("that call the client do not change the order of events", () => {
    const rig = new ClientRig().join();
    const received: string[] = [];
    rig.client.on("event", () => void rig.client.send("hello to you too"));
    rig.client.on("event", ({ seq }) => received.push(`event ${seq}`));
    rig.client.on("state", ({ outbox }) => received.push(`state with ${outbox.length} to send`));
    rig.socket.receive(messageLine(1));
    expect(received).toEqual(["event 1", "state with 0 to send", "state with 1 to send"]);
  });

  test("receive errors that belong to no command", () => {
    const rig = new ClientRig().join();
    const listener = vi.fn();
    rig.client.on("error", listener);
    const error = { type: "error", code: "bad_request", message: "the line is not JSON" };
    rig.socket.receive(error, { ...error, id: "unheard-of" });
    expect(listener.mock.calls).toEqual([[error], [{ ...error, id: "unheard-of" }]]);
  });
});
