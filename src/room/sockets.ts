/** Sockets: connects an audience to the runtime's sockets, and runs it when something is due. */
import { CLOSE_REASON, CloseCode, closeAnswer, SUBPROTOCOL } from "../protocol/index.ts";
import type { Connection, Peer } from "./connection.ts";
import type { Hosted } from "./hosted.ts";
import type { Report } from "./report.ts";
import { parseSession, type Session } from "./session.ts";

/** SocketsOptions connect the sockets of an object to what it hosts. */
export interface SocketsOptions {
  readonly ctx: DurableObjectState;
  readonly hosted: Hosted;
  readonly report: Report;
  /** Called after each run. */
  readonly onRun: () => void;
}

export class Sockets {
  readonly #options: SocketsOptions;
  #hosted: Hosted;
  /** Connections by socket, rebuilt after a hibernation. */
  readonly #connections = new Map<WebSocket, Connection>();
  #isWatchingDrain = false;
  #timer: { readonly at: number; readonly handle: ReturnType<typeof setTimeout> } | null = null;

  constructor(options: SocketsOptions) {
    this.#options = options;
    this.#hosted = options.hosted;
  }

  /** Accepts the socket of a handshake that the Worker has checked. `network` is an id as in `networkId`, or `null`. */
  accept(request: Request, network: string | null): Response {
    const { ctx } = this.#options;
    const hosted = this.#hosted;
    const { 0: client, 1: server } = new WebSocketPair();
    const isPlain = request.headers.get("Sec-WebSocket-Protocol") === null;
    const headers = isPlain ? {} : { "Sec-WebSocket-Protocol": SUBPROTOCOL };
    const response = new Response(null, { status: 101, webSocket: client, headers });
    // Only an accepted socket can receive a close code, and only a hibernating one lets the object sleep.
    ctx.acceptWebSocket(server);
    const now = Date.now();
    const closeCode = hosted.audience.admit(network, now);
    if (closeCode !== null) {
      server.close(closeCode, CLOSE_REASON[closeCode]);
      this.run();
      return response;
    }
    const mode = isPlain ? "plain" : SUBPROTOCOL;
    const connection = hosted.audience.open(peerOf(ctx, server), mode, network, now);
    this.#connections.set(server, connection);
    hosted.pacing.opened();
    this.run();
    return response;
  }

  /** A frame arrived. */
  message(ws: WebSocket, frame: string | ArrayBuffer): void {
    const connection = this.#connections.get(ws);
    if (connection === undefined) return;
    this.#hosted.receive(connection, frame, Date.now());
    this.run();
  }

  /** The client closed a socket, or answered the close of one. */
  closed(ws: WebSocket, code: number, reason: string): void {
    this.disconnected(ws);
    // The object must complete the close handshake of a hibernating socket.
    const answer = closeAnswer(code, reason);
    ws.close(answer.code, answer.reason);
  }

  /** A socket is gone. */
  disconnected(ws: WebSocket): void {
    const connection = this.#connections.get(ws) ?? this.#restoreClosing(ws);
    if (connection === null) return;
    this.#connections.delete(ws);
    this.#hosted.audience.close(connection, Date.now());
    this.run();
  }

  /** Rebuilds the connections from the sockets that survived a hibernation. Returns their number. */
  restore(): number {
    const { ctx } = this.#options;
    const hosted = this.#hosted;
    const sessions: [WebSocket, Session][] = [];
    for (const ws of ctx.getWebSockets()) {
      // A socket that the object closed is listed until its client answers.
      if (ws.readyState !== WebSocket.OPEN) continue;
      const session = parseSession(ws.deserializeAttachment());
      if (session === null) ws.close(CloseCode.InternalError, CLOSE_REASON[CloseCode.InternalError]);
      else sessions.push([ws, session]);
    }
    sessions.sort(([, a], [, b]) => a.since - b.since);
    for (const [ws, session] of sessions)
      this.#connections.set(ws, hosted.audience.restore(peerOf(ctx, ws), session));
    return sessions.length;
  }

  /** Closes all sockets, whose connections the object has forgotten, and hosts something else from now on. */
  replace(hosted: Hosted): void {
    for (const ws of this.#connections.keys()) {
      // Its session has secrets of what it was connected to.
      ws.serializeAttachment(null);
      if (ws.readyState === WebSocket.OPEN) ws.close(CloseCode.NewEpoch, CLOSE_REASON[CloseCode.NewEpoch]);
    }
    this.#connections.clear();
    this.#hosted = hosted;
  }

  /** Does what is due now and sets a timer for what is due later. */
  run(): void {
    const { ctx, report, onRun } = this.#options;
    const hosted = this.#hosted;
    try {
      hosted.step(Date.now());
    } catch (error) {
      // Events may be committed but not delivered. Clients reconnect to a new object and resume.
      report("a flush failed", error);
      ctx.abort("a flush failed");
    }
    if (hosted.pacing.isDraining && !this.#isWatchingDrain) void this.#watchDrain();
    onRun();
    this.#setTimer();
  }

  #setTimer(): void {
    const at = this.#hosted.dueAt;
    // A timer that fires earlier stays: its run sets the next one.
    if (at !== null && this.#timer !== null && this.#timer.at <= at) return;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = null;
    if (at === null) return;
    const handle = setTimeout(() => {
      this.#timer = null;
      this.run();
    }, at - Date.now());
    this.#timer = { at, handle };
  }

  /**
   * Waits until the last flush has drained, then starts the next. Frames leave once the write is durable. A timer
   * then runs after everything that the runtime had ready, which includes sending them.
   */
  async #watchDrain(): Promise<void> {
    const { ctx } = this.#options;
    this.#isWatchingDrain = true;
    try {
      await ctx.storage.sync();
      await scheduler.wait(0);
      const pauseMs = this.#hosted.pacing.takePause();
      if (pauseMs > 0) await scheduler.wait(pauseMs);
    } finally {
      this.#isWatchingDrain = false;
      this.#hosted.pacing.drained();
      this.run();
    }
  }

  /** Restores the connection of a socket whose close woke the object: `getWebSockets` no longer lists it. */
  #restoreClosing(ws: WebSocket): Connection | null {
    const { ctx } = this.#options;
    const hosted = this.#hosted;
    const session = parseSession(ws.deserializeAttachment());
    return session === null ? null : hosted.audience.restore(peerOf(ctx, ws), session);
  }
}

/** Returns the socket as a room uses it. Sending on one that is not open does nothing. */
function peerOf(ctx: DurableObjectState, ws: WebSocket): Peer {
  return {
    send(frame) {
      if (ws.readyState === WebSocket.OPEN) ws.send(frame);
    },
    close(code, reason) {
      if (ws.readyState === WebSocket.OPEN) ws.close(code, reason);
    },
    saveSession(session) {
      ws.serializeAttachment(session);
    },
    pingedAt() {
      return ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? null;
    },
    bufferedAmount() {
      return ws.bufferedAmount;
    },
  };
}
