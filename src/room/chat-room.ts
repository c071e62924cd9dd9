/** ChatRoom: the Durable Object of one room. It connects the room to the runtime's sockets, storage and clock. */
import { DurableObject } from "cloudflare:workers";
import {
  accept,
  MAX_PAGE_LENGTH,
  networkOf,
  PING,
  PONG,
  type PostBody,
  type Result,
  type RoomEvent,
  type RoomTeaser,
  STALE_AFTER_MS,
  withoutId,
} from "../protocol/index.ts";
import { roomConfig } from "./config.ts";
import type { Caller, ReadResult, SearchResult } from "./http-access.ts";
import { networkId } from "./identity.ts";
import type { ImportResult } from "./imports.ts";
import { type Report, type ReportLine, throttledReport } from "./report.ts";
import { Room } from "./room.ts";
import type { Receipt } from "./sequencer.ts";
import { Sockets } from "./sockets.ts";

/** RoomSummary is what a room tells without a join. To those who may not enter it is as if it were empty. */
export interface RoomSummary extends RoomTeaser {
  readonly room: string;
  /** `""` if the room has no log and no client has joined. */
  readonly epoch: string;
  /** Head of the log. */
  readonly seq: number;
  /** Users in the room. */
  readonly online: number;
}

/** ExportStart is what an export tells of the room before its events. */
export interface ExportStart {
  readonly room: string;
  readonly title?: string;
  readonly epoch: string;
  /** Head of the log: the export ends there. */
  readonly seq: number;
  /** Seq up to which events may be missing. */
  readonly pruned: number;
}

/** Error of an address that opens too many rooms without messages. */
const TOO_MANY_ROOMS = {
  code: "rate_limited",
  message: "too many new rooms from this address: try again in a minute",
  retryAfter: 60_000,
} as const;

export class ChatRoom extends DurableObject<Env> {
  readonly #name: string;
  readonly #room: Room;
  readonly #sockets: Sockets;
  /** Whether an alarm is set for the sweep of stale connections. */
  #isSweepSet = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#name = ctx.id.name ?? "";
    const { sql } = ctx.storage;
    const report: Report = throttledReport((line) => this.#write(line), Date.now);
    this.#room = new Room({
      name: this.#name,
      store: {
        exec: (query, ...bindings) => sql.exec(query, ...bindings),
        transaction: (work) => ctx.storage.transactionSync(work),
      },
      config: roomConfig(env, (sentence) => report("bad configuration", sentence)),
      report,
    });
    // The runtime answers pings without waking the room.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#sockets = new Sockets({ ctx, hosted: this.#room, report, onRun: () => this.#keepSweep() });
    const restored = this.#sockets.restore();
    this.#isSweepSet = this.#room.audience.needsSweep;
    if (restored > 0) this.#sockets.run();
  }

  /** Accepts a socket. The Worker has checked the handshake. */
  override async fetch(request: Request): Promise<Response> {
    const network = networkOf(request.headers.get("CF-Connecting-IP") ?? "");
    if (!(await this.#mayOpen(network))) {
      const headers = { "Retry-After": `${TOO_MANY_ROOMS.retryAfter / 1000}` };
      return new Response(`${TOO_MANY_ROOMS.message}\n`, { status: 429, headers });
    }
    const id = network === "" ? null : networkId(this.#room.log.secrets.secret, network);
    return this.#sockets.accept(request, id);
  }

  override webSocketMessage(ws: WebSocket, frame: string | ArrayBuffer): void {
    this.#sockets.message(ws, frame);
  }

  override webSocketClose(ws: WebSocket, code: number, reason: string): void {
    this.#sockets.closed(ws, code, reason);
  }

  override webSocketError(ws: WebSocket): void {
    this.#sockets.disconnected(ws);
  }

  /** Closes stale connections. This is all that wakes a quiet room. */
  override alarm(): void {
    const next = this.#room.audience.sweep(Date.now());
    this.#isSweepSet = next !== null;
    if (next !== null) void this.ctx.storage.setAlarm(next);
    this.#sockets.run();
  }

  async summary(caller: Caller): Promise<Result<RoomSummary>> {
    if (!(await this.#mayOpen(caller.network))) return { ok: false, error: TOO_MANY_ROOMS };
    const { log, rules, audience, http } = this.#room;
    const isOutside = http.refusal(caller, Date.now()) !== null;
    const inside = isOutside
      ? { epoch: "", seq: 0, online: 0 }
      : { epoch: log.epoch, seq: log.head, online: audience.online };
    return accept({ room: this.#name, ...inside, ...rules.teaser });
  }

  /** Returns the newest `limit` messages and notices before `seq`, or fewer if they are long. */
  async messagesBefore(seq: number, limit: number, caller: Caller): Promise<ReadResult> {
    if (!(await this.#mayOpen(caller.network))) return { ok: false, error: TOO_MANY_ROOMS };
    return this.#room.http.messagesBefore(seq, limit, caller, Date.now());
  }

  /** Returns the first `limit` events after `seq`, or fewer if they are long. */
  async eventsAfter(
    seq: number,
    epoch: string | undefined,
    limit: number,
    caller: Caller,
  ): Promise<ReadResult> {
    if (!(await this.#mayOpen(caller.network))) return { ok: false, error: TOO_MANY_ROOMS };
    return this.#room.http.eventsAfter(seq, epoch, limit, caller, Date.now());
  }

  /** Returns a page of the messages before `seq` that match a query, newest first. */
  async search(q: string, seq: number, limit: number, caller: Caller): Promise<SearchResult> {
    if (!(await this.#mayOpen(caller.network))) return { ok: false, error: TOO_MANY_ROOMS };
    const result = this.#room.http.search(q, seq, limit, caller, Date.now());
    this.#sockets.run();
    return result;
  }

  /** Begins an export. */
  async startExport(caller: Caller): Promise<Result<ExportStart>> {
    if (!(await this.#mayOpen(caller.network))) return { ok: false, error: TOO_MANY_ROOMS };
    const started = this.#room.http.startExport(caller, Date.now());
    if (!started.ok) return started;
    const { title } = this.#room.rules.teaser;
    return accept({ room: this.#name, ...(title !== undefined && { title }), ...started.value });
  }

  /**
   * Returns the next events of an export, first event first, or `"wiped"` if its log is gone. Only for a caller who
   * began it.
   */
  exportPage(
    epoch: string,
    seq: number,
    limit: number,
  ): { readonly events: readonly RoomEvent[]; readonly pruned: number } | "wiped" {
    const { log } = this.#room;
    if (log.epoch !== epoch) return "wiped";
    const { events } = log.after(Math.max(seq, log.pruned), limit, MAX_PAGE_LENGTH);
    return { events: events.map(withoutId), pruned: log.pruned };
  }

  /** Imports a file into the room. `name` is that of the caller in the notice; `""`: the one that the room knows. */
  async import(file: ReadableStream<Uint8Array>, name: string, caller: Caller): Promise<ImportResult> {
    const refused = this.#room.http.startImport(caller, Date.now());
    if (refused !== null) return refused;
    return this.#room.imports.run(
      file,
      { key: caller.key ?? "", name },
      {
        pause: () => this.ctx.storage.sync(),
        wake: () => this.#sockets.run(),
        now: Date.now,
      },
    );
  }

  /** Appends a message. Resolves once it is written, or with the reason why it is not. */
  async post(body: PostBody, caller: Caller): Promise<Result<Receipt>> {
    if (!(await this.#mayOpen(caller.network))) return { ok: false, error: TOO_MANY_ROOMS };
    return new Promise((resolve) => {
      this.#room.http.post(body, caller, resolve, Date.now());
      this.#sockets.run();
    });
  }

  /** Limits how many rooms without messages one address opens, if the limit is configured. */
  async #mayOpen(network: string): Promise<boolean> {
    const limiter: RateLimit | undefined = this.env.NEW_ROOMS;
    if (limiter === undefined || network === "" || !this.#room.log.isEmpty || this.#room.audience.size > 0)
      return true;
    const { success } = await limiter.limit({ key: network }).catch(() => ({ success: true }));
    return success;
  }

  /** Keeps an alarm while a stale connection would be visible to others. */
  #keepSweep(): void {
    const { needsSweep } = this.#room.audience;
    if (needsSweep === this.#isSweepSet) return;
    this.#isSweepSet = needsSweep;
    if (needsSweep) void this.ctx.storage.setAlarm(Date.now() + STALE_AFTER_MS);
    else void this.ctx.storage.deleteAlarm();
  }

  #write(line: ReportLine): void {
    const room = this.ctx.id.toString();
    console.error(JSON.stringify({ ...line, room, connections: this.#room.audience.size }));
  }
}
