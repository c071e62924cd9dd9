/** ChatRoom: the Durable Object of one room. It connects the room to the runtime's sockets, storage and clock. */
import { DurableObject } from "cloudflare:workers";
import {
  CLOSE_REASON,
  CloseCode,
  closeAnswer,
  MAX_PAGE_LENGTH,
  PING,
  PONG,
  type PostBody,
  type Result,
  STALE_AFTER_MS,
  SUBPROTOCOL,
  withoutId,
} from "../protocol/index.ts";
import { Audience } from "./audience.ts";
import { roomConfig } from "./config.ts";
import type { Connection, Peer } from "./connection.ts";
import { Log, type Page } from "./log.ts";
import { Pacing } from "./pacing.ts";
import { Posts } from "./posts.ts";
import { type Receipt, Sequencer } from "./sequencer.ts";
import { parseSession, type Session } from "./session.ts";

/** RoomSummary is what a room tells without a join. */
export interface RoomSummary {
  readonly room: string;
  /** `""` if the room has no log. */
  readonly epoch: string;
  /** Head of the log. */
  readonly seq: number;
  /** Users in the room. */
  readonly online: number;
}

/** LogPage is a page of the log with the log's epoch and head. */
export type LogPage = Page & { readonly epoch: string; readonly seq: number };

export class ChatRoom extends DurableObject<Env> {
  readonly #name: string;
  readonly #log: Log;
  readonly #sequencer: Sequencer;
  readonly #audience: Audience;
  readonly #posts: Posts;
  readonly #pacing = new Pacing();
  /** Connections by socket, rebuilt after a hibernation. */
  readonly #connections = new Map<WebSocket, Connection>();
  /** Whether an alarm is set for the sweep of stale connections. */
  #isSweepSet = false;
  #isWatchingDrain = false;
  #timer: { readonly at: number; readonly handle: ReturnType<typeof setTimeout> } | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#name = ctx.id.name ?? "";
    const { sql } = ctx.storage;
    this.#log = new Log({
      exec: (query, ...bindings) => sql.exec(query, ...bindings),
      transaction: (work) => ctx.storage.transactionSync(work),
    });
    const report = (event: string, detail: unknown) => this.#report(event, detail);
    const config = roomConfig(env, (sentence) => report("bad configuration", sentence));
    this.#sequencer = new Sequencer(this.#log, config, report);
    this.#posts = new Posts(this.#log, this.#sequencer, config);
    this.#audience = new Audience({
      room: this.#name,
      log: this.#log,
      config,
      report,
      submit: (submission) => this.#sequencer.submit(submission),
    });
    // The runtime answers pings without waking the room.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#restore();
  }

  /** Accepts a socket. The Worker has checked the handshake. */
  override fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const isPlain = request.headers.get("Sec-WebSocket-Protocol") === null;
    const headers = isPlain ? {} : { "Sec-WebSocket-Protocol": SUBPROTOCOL };
    const response = new Response(null, { status: 101, webSocket: client, headers });
    // Only an accepted socket can receive a close code, and only a hibernating one lets the room sleep.
    this.ctx.acceptWebSocket(server);
    if (this.#audience.isFull) {
      server.close(CloseCode.RoomFull, CLOSE_REASON[CloseCode.RoomFull]);
      return response;
    }
    const mode = isPlain ? "plain" : SUBPROTOCOL;
    this.#connections.set(server, this.#audience.open(peerOf(this.ctx, server), mode, Date.now()));
    this.#pacing.opened();
    this.#run();
    return response;
  }

  override webSocketMessage(ws: WebSocket, frame: string | ArrayBuffer): void {
    const connection = this.#connections.get(ws);
    if (connection === undefined) return;
    this.#audience.receive(connection, frame, Date.now());
    this.#run();
  }

  override webSocketClose(ws: WebSocket, code: number, reason: string): void {
    this.#disconnected(ws);
    // The object must complete the close handshake of a hibernating socket.
    const answer = closeAnswer(code, reason);
    ws.close(answer.code, answer.reason);
  }

  override webSocketError(ws: WebSocket): void {
    this.#disconnected(ws);
  }

  /** Closes stale connections. This is all that wakes a quiet room. */
  override alarm(): void {
    const next = this.#audience.sweep(Date.now());
    this.#isSweepSet = next !== null;
    if (next !== null) void this.ctx.storage.setAlarm(next);
    this.#run();
  }

  summary(): RoomSummary {
    return { room: this.#name, epoch: this.#log.epoch, seq: this.#log.head, online: this.#audience.online };
  }

  /** Returns the newest `limit` messages before `seq`, or fewer if they are long. */
  messagesBefore(seq: number, limit: number): LogPage {
    return this.#page(this.#log.before(seq, limit, MAX_PAGE_LENGTH));
  }

  /**
   * Returns the first `limit` events after `seq`, or fewer if they are long.
   *
   * @returns `"epoch"` if `epoch` is not the log's, `"pruned"` if some of the events are gone
   */
  eventsAfter(seq: number, epoch: string | undefined, limit: number): LogPage | "epoch" | "pruned" {
    if (epoch !== undefined && epoch !== this.#log.epoch) return "epoch";
    if (seq < this.#log.pruned) return "pruned";
    return this.#page(this.#log.after(seq, limit, MAX_PAGE_LENGTH));
  }

  /** Appends a message. Resolves once it is written, or with the reason why it is not. */
  post(body: PostBody, address: string): Promise<Result<Receipt>> {
    return new Promise((resolve) => {
      this.#posts.submit(body, address, resolve, Date.now());
      this.#run();
    });
  }

  #page({ events, more }: Page): LogPage {
    return { epoch: this.#log.epoch, seq: this.#log.head, events: events.map(withoutId), more };
  }

  /** Does what is due now and sets a timer for what is due later. */
  #run(): void {
    const now = Date.now();
    try {
      this.#audience.expire(now);
      if (!this.#pacing.isDraining) {
        const batch = this.#sequencer.commit(now, this.#audience.size);
        this.#pacing.flushed(this.#audience.flush(batch, now));
      }
    } catch (error) {
      this.#report("a flush failed", error);
    }
    if (this.#pacing.isDraining && !this.#isWatchingDrain) void this.#watchDrain();
    this.#keepSweep();
    this.#setTimer();
  }

  #setTimer(): void {
    const at = this.#pacing.isDraining ? null : this.#sequencer.isDue ? 0 : this.#audience.dueAt;
    // An earlier timer sets the next one itself; to replace it at each frame would cost more.
    if (at !== null && this.#timer !== null && this.#timer.at <= at) return;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = null;
    if (at === null) return;
    const handle = setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, at - Date.now());
    this.#timer = { at, handle };
  }

  /**
   * Waits until the last flush has drained, then starts the next. Frames leave once the write is durable. A timer
   * then runs after everything that the runtime had ready, which includes sending them.
   */
  async #watchDrain(): Promise<void> {
    this.#isWatchingDrain = true;
    try {
      await this.ctx.storage.sync();
      await scheduler.wait(0);
      const pauseMs = this.#pacing.takePause();
      if (pauseMs > 0) await scheduler.wait(pauseMs);
    } finally {
      this.#isWatchingDrain = false;
      this.#pacing.drained();
      this.#run();
    }
  }

  /** Keeps an alarm while a stale connection would be visible to others. */
  #keepSweep(): void {
    const { needsSweep } = this.#audience;
    if (needsSweep === this.#isSweepSet) return;
    this.#isSweepSet = needsSweep;
    if (needsSweep) void this.ctx.storage.setAlarm(Date.now() + STALE_AFTER_MS);
    else void this.ctx.storage.deleteAlarm();
  }

  /** Rebuilds the connections from the sockets that survived a hibernation. */
  #restore(): void {
    const sessions: [WebSocket, Session][] = [];
    for (const ws of this.ctx.getWebSockets()) {
      // A socket that the room closed is listed until its client answers.
      if (ws.readyState !== WebSocket.OPEN) continue;
      const session = parseSession(ws.deserializeAttachment());
      if (session === null) ws.close(CloseCode.InternalError, CLOSE_REASON[CloseCode.InternalError]);
      else sessions.push([ws, session]);
    }
    sessions.sort(([, a], [, b]) => a.since - b.since);
    for (const [ws, session] of sessions)
      this.#connections.set(ws, this.#audience.restore(peerOf(this.ctx, ws), session));
    this.#isSweepSet = this.#audience.needsSweep;
    if (sessions.length > 0) this.#run();
  }

  #disconnected(ws: WebSocket): void {
    const connection = this.#connections.get(ws) ?? this.#restoreClosing(ws);
    if (connection === null) return;
    this.#connections.delete(ws);
    this.#audience.close(connection, Date.now());
    this.#run();
  }

  /** Restores the connection of a socket whose close woke the room: `getWebSockets` no longer lists it. */
  #restoreClosing(ws: WebSocket): Connection | null {
    const session = parseSession(ws.deserializeAttachment());
    return session === null ? null : this.#audience.restore(peerOf(this.ctx, ws), session);
  }

  /** Logs one line for the operator. It never holds a text, a key or an address. */
  #report(event: string, detail: unknown): void {
    const reason = detail instanceof Error ? (detail.stack ?? detail.message) : String(detail);
    console.error(
      JSON.stringify({ event, room: this.ctx.id.toString(), connections: this.#connections.size, reason }),
    );
  }
}

/** Returns the socket as the room uses it. Sending on one that is not open does nothing. */
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
