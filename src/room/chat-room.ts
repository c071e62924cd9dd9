/** ChatRoom: the Durable Object of one room; it joins the room to the runtime's sockets, storage and clock. */
import { DurableObject } from "cloudflare:workers";
import {
  CLOSE_REASON,
  CloseCode,
  closeAnswer,
  type Message,
  PING,
  PONG,
  type PostBody,
  type Result,
  STALE_AFTER_MS,
  SUBPROTOCOL,
} from "../protocol/index.ts";
import type { Outcome } from "./command-queue.ts";
import { roomConfig } from "./config.ts";
import type { Connection, Peer } from "./connection.ts";
import { Log } from "./log.ts";
import { type EventPage, eventsAfter, messagesBefore } from "./pages.ts";
import { Room } from "./room.ts";
import { parseSession, type Session } from "./session.ts";

/** RoomSummary is what is known of a room without joining it. */
export interface RoomSummary {
  readonly room: string;
  /** `""` where nobody ever wrote. */
  readonly epoch: string;
  /** Head of the log. */
  readonly seq: number;
  /** People in the room. */
  readonly online: number;
}

export class ChatRoom extends DurableObject<Env> {
  readonly #name: string;
  readonly #log: Log;
  readonly #room: Room;
  /** The in-memory set of connections; a waking makes it anew from the sockets that outlasted it. */
  readonly #connections = new Map<WebSocket, Connection>();
  /** Whether an alarm is set for the sweep; it outlasts a hibernation as the sockets do. */
  #sweepSet = false;
  #watchesDrain = false;
  #timer: { readonly at: number; readonly handle: ReturnType<typeof setTimeout> } | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#name = ctx.id.name ?? "";
    const { sql } = ctx.storage;
    this.#log = new Log({
      exec: (query, ...bindings) => sql.exec(query, ...bindings),
      transaction: (work) => ctx.storage.transactionSync(work),
    });
    const config = roomConfig(env, (sentence) => this.#report("bad configuration", sentence));
    this.#room = new Room(this.#name, this.#log, config, (event, error) => this.#report(event, error));
    // Pings are answered by the runtime: they neither wake the room nor cost anything.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#restore();
  }

  /** Takes the upgrade of one socket; whether it may come at all was decided before. */
  override fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const plain = request.headers.get("Sec-WebSocket-Protocol") === null;
    const headers = plain ? {} : { "Sec-WebSocket-Protocol": SUBPROTOCOL };
    const response = new Response(null, { status: 101, webSocket: client, headers });
    if (this.#room.isFull) {
      // Only an accepted socket can be told why it is closed, and only one like this lets the room sleep.
      this.ctx.acceptWebSocket(server);
      server.close(CloseCode.RoomFull, CLOSE_REASON[CloseCode.RoomFull]);
      return response;
    }
    this.ctx.acceptWebSocket(server);
    const connection = this.#room.open(peerOf(this.ctx, server), plain ? "plain" : SUBPROTOCOL, Date.now());
    this.#connections.set(server, connection);
    this.#run();
    return response;
  }

  override webSocketMessage(ws: WebSocket, frame: string | ArrayBuffer): void {
    const connection = this.#connections.get(ws);
    if (connection === undefined) return;
    this.#room.receive(connection, frame, Date.now());
    this.#run();
  }

  override webSocketClose(ws: WebSocket, code: number, reason: string): void {
    this.#drop(ws);
    // A hibernating socket's close handshake is ours to complete.
    const answer = closeAnswer(code, reason);
    ws.close(answer.code, answer.reason);
  }

  override webSocketError(ws: WebSocket): void {
    this.#drop(ws);
  }

  /** Closes the sockets whose links died without a word; the only thing that wakes a quiet room. */
  override alarm(): void {
    const next = this.#room.sweep(Date.now());
    this.#sweepSet = next !== null;
    if (next !== null) void this.ctx.storage.setAlarm(next);
    this.#run();
  }

  summary(): RoomSummary {
    return { room: this.#name, epoch: this.#log.epoch, seq: this.#log.head, online: this.#room.online };
  }

  messagesBefore(seq: number, limit: number): EventPage<Message> {
    return messagesBefore(this.#log, seq, limit);
  }

  eventsAfter(seq: number, epoch: string | undefined, limit: number): EventPage | "epoch" | "pruned" {
    return eventsAfter(this.#log, seq, epoch, limit);
  }

  /** Appends a message; resolves once it is written, or with the reason why it is not. */
  post(body: PostBody, address: string): Promise<Result<Outcome>> {
    return new Promise((settle) => {
      this.#room.post(body, address, settle, Date.now());
      this.#run();
    });
  }

  /** Does what is due now, and comes back for what is due later. */
  #run(): void {
    try {
      this.#room.run(Date.now());
    } catch (error) {
      this.#report("a flush failed", error);
    }
    if (this.#room.pacing.isDraining && !this.#watchesDrain) void this.#watchDrain();
    this.#keepSweep();
    const at = this.#room.dueAt;
    // An earlier timer comes back here and finds out; setting it anew with each frame would cost more.
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
   * Waits until the last flush has left, and lets the next one come. Frames leave once the write is
   * durable; a timer then comes after all that the runtime had ready to do, which is to send them.
   */
  async #watchDrain(): Promise<void> {
    this.#watchesDrain = true;
    try {
      await this.ctx.storage.sync();
      await scheduler.wait(0);
      const restMs = this.#room.pacing.takeRest();
      if (restMs > 0) await scheduler.wait(restMs);
    } finally {
      this.#watchesDrain = false;
      this.#room.pacing.drained();
      this.#run();
    }
  }

  /** Keeps an alarm for as long as there is somebody whom a ghost would fool. */
  #keepSweep(): void {
    const { needsSweep } = this.#room;
    if (needsSweep === this.#sweepSet) return;
    this.#sweepSet = needsSweep;
    if (needsSweep) void this.ctx.storage.setAlarm(Date.now() + STALE_AFTER_MS);
    else void this.ctx.storage.deleteAlarm();
  }

  /** Makes the set of connections anew from the sockets that outlasted a hibernation. */
  #restore(): void {
    const sessions: [WebSocket, Session][] = [];
    for (const ws of this.ctx.getWebSockets()) {
      // One that we closed stays listed until its peer answers.
      if (ws.readyState !== WebSocket.OPEN) continue;
      const session = parseSession(ws.deserializeAttachment());
      if (session === null) ws.close(CloseCode.InternalError, CLOSE_REASON[CloseCode.InternalError]);
      else sessions.push([ws, session]);
    }
    sessions.sort(([, a], [, b]) => a.since - b.since);
    for (const [ws, session] of sessions)
      this.#connections.set(ws, this.#room.restore(peerOf(this.ctx, ws), session));
    this.#sweepSet = this.#room.needsSweep;
    if (sessions.length > 0) this.#run();
  }

  /** The connection of a socket whose close is what woke the room: it is no longer among the sockets. */
  #revive(ws: WebSocket): Connection | null {
    const session = parseSession(ws.deserializeAttachment());
    return session === null ? null : this.#room.restore(peerOf(this.ctx, ws), session);
  }

  #drop(ws: WebSocket): void {
    const connection = this.#connections.get(ws) ?? this.#revive(ws);
    if (connection === null) return;
    this.#connections.delete(ws);
    this.#room.close(connection, Date.now());
    this.#run();
  }

  /** One line for the operator, about the room and never about what was said in it. */
  #report(event: string, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.error(
      JSON.stringify({ event, room: this.ctx.id.toString(), connections: this.#connections.size, reason }),
    );
  }
}

/** The socket as the room knows it: one that is no longer open stops nobody else's frame. */
function peerOf(ctx: DurableObjectState, ws: WebSocket): Peer {
  return {
    send(frame) {
      if (ws.readyState === WebSocket.OPEN) ws.send(frame);
    },
    close(code, reason) {
      if (ws.readyState === WebSocket.OPEN) ws.close(code, reason);
    },
    keep(session) {
      ws.serializeAttachment(session);
    },
    pingedAt() {
      return ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? null;
    },
    unsent() {
      return ws.bufferedAmount;
    },
  };
}
