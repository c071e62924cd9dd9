/** ChatRoom: the Durable Object of one room; it joins the room to the runtime's sockets, storage and clock. */
import { DurableObject } from "cloudflare:workers";
import {
  CLOSE_REASON,
  CloseCode,
  PING,
  PONG,
  type PostBody,
  type Result,
  SUBPROTOCOL,
} from "../protocol/index.ts";
import type { Outcome } from "./command-queue.ts";
import { roomConfig } from "./config.ts";
import type { Connection, Peer } from "./connection.ts";
import { Log } from "./log.ts";
import { type AfterPage, type BeforePage, Room, type RoomSummary } from "./room.ts";
import { parseSession, type Session } from "./session.ts";

/** Codes that a close frame may not carry (RFC 6455, section 7.4.1): they tell that there was none. */
const UNSENDABLE = new Set([1005, 1006, 1015]);

export class ChatRoom extends DurableObject<Env> {
  readonly #room: Room;
  /** The in-memory set of connections; a waking makes it anew from the sockets that outlasted it. */
  readonly #connections = new Map<WebSocket, Connection>();
  #timer: { readonly at: number; readonly handle: ReturnType<typeof setTimeout> } | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    const log = new Log({
      exec: (query, ...bindings) => sql.exec(query, ...bindings),
      transaction: (work) => ctx.storage.transactionSync(work),
    });
    const config = roomConfig(env, (sentence) => this.#report("bad configuration", sentence));
    this.#room = new Room(ctx.id.name ?? "", log, config, (event, error) => this.#report(event, error));
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
      // Only an accepted socket can be told why it is closed.
      server.accept();
      server.close(CloseCode.RoomFull, CLOSE_REASON[CloseCode.RoomFull]);
      return response;
    }
    this.ctx.acceptWebSocket(server);
    const connection = this.#room.open(peerOf(server), plain ? "plain" : SUBPROTOCOL, Date.now());
    this.#connections.set(server, connection);
    this.#run();
    return response;
  }

  override webSocketMessage(ws: WebSocket, frame: string | ArrayBuffer): void {
    const connection = this.#connections.get(ws);
    if (connection === undefined) return;
    try {
      this.#room.receive(connection, frame, Date.now());
    } catch (error) {
      this.#report("a frame failed", error);
      connection.refuse("internal", "something went wrong here");
    }
    this.#run();
  }

  override webSocketClose(ws: WebSocket, code: number, reason: string): void {
    this.#drop(ws);
    // A hibernating socket's close handshake is ours to complete.
    if (UNSENDABLE.has(code)) ws.close();
    else ws.close(code, reason);
  }

  override webSocketError(ws: WebSocket): void {
    this.#drop(ws);
  }

  /** What is known of the room without joining it. */
  summary(): RoomSummary {
    return this.#room.summary();
  }

  messagesBefore(seq: number, limit: number): BeforePage {
    return this.#room.messagesBefore(seq, limit);
  }

  eventsAfter(seq: number, epoch: string | undefined, limit: number): AfterPage {
    return this.#room.eventsAfter(seq, epoch, limit);
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
    const at = this.#room.dueAt;
    if (at === (this.#timer?.at ?? null)) return;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = null;
    if (at === null) return;
    const handle = setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, at - Date.now());
    this.#timer = { at, handle };
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
    for (const [ws, session] of sessions) this.#connections.set(ws, this.#room.restore(peerOf(ws), session));
    if (sessions.length > 0) this.#run();
  }

  #drop(ws: WebSocket): void {
    const connection = this.#connections.get(ws);
    if (connection === undefined) return;
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
function peerOf(ws: WebSocket): Peer {
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
  };
}
