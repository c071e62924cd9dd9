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
  reject,
  STALE_AFTER_MS,
  withoutId,
} from "../protocol/index.ts";
import { RoomAlarm } from "./alarm.ts";
import { roomConfig } from "./config.ts";
import type { Caller, ReadResult, SearchResult } from "./http-access.ts";
import { networkId } from "./identity.ts";
import type { ImportResult } from "./imports.ts";
import type { FileLookup, StoredFile } from "./message-files.ts";
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

/** RoomEnv has the bindings that a deployment may leave out. */
type RoomEnv = Omit<Env, "FILES"> & { readonly FILES?: Env["FILES"] };

/** Files that one call deletes. */
const MAX_REMOVED = 100;
/** Time until a deletion of files that failed is tried again. */
const REMOVE_RETRY_MS = 20_000;
const FILES_RETRY_MS = 1_000;

export class ChatRoom extends DurableObject<RoomEnv> {
  readonly #name: string;
  readonly #room: Room;
  readonly #sockets: Sockets;
  readonly #report: Report;
  readonly #alarm: RoomAlarm;
  /** Time of the next sweep of stale connections, Unix ms, or `null`. */
  #sweepAt: number | null = null;
  /** Time of the next attempt to delete files of messages that are gone, Unix ms, or `null`. */
  #removeAt: number | null = null;

  #isRemovingFiles = false;

  constructor(ctx: DurableObjectState, env: RoomEnv) {
    super(ctx, env);
    this.#name = ctx.id.name ?? "";
    const { sql } = ctx.storage;
    const report = throttledReport((line) => this.#write(line), Date.now);
    this.#report = report;
    this.#alarm = new RoomAlarm(ctx.storage);
    this.#room = new Room({
      name: this.#name,
      store: {
        exec: (query, ...bindings) => sql.exec(query, ...bindings),
        transaction: (work) => ctx.storage.transactionSync(work),
      },
      config: roomConfig(env, (sentence) => report("bad configuration", sentence)),
      report,
      files: env.FILES === undefined ? null : { describe: (...request) => this.#describeFiles(...request) },
      onFilesSent: (ids) => this.#keepFiles(ids),
    });
    // The runtime answers pings without waking the room.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#sockets = new Sockets({ ctx, hosted: this.#room, report, onRun: () => this.#afterRun() });
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      const restored = this.#sockets.restore();
      if (this.#room.audience.needsSweep) this.#sweepAt = this.#alarm.at;
      if (restored > 0) this.#sockets.run();
    });
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

  /** Closes stale connections, and deletes files that could not be deleted yet. This is all that wakes a quiet room. */
  override alarm(): void {
    this.#alarm.cleared();
    this.#removeAt = null;
    this.#sweepAt = this.#room.audience.sweep(Date.now());
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

  /** Returns the user of a caller who may upload a file, and the caller's network as in `networkId`. */
  async mayUpload(caller: Caller): Promise<Result<{ readonly user: string; readonly network: string }>> {
    if (!(await this.#mayOpen(caller.network))) return { ok: false, error: TOO_MANY_ROOMS };
    return this.#room.http.mayUpload(caller, Date.now());
  }

  /** Returns whether a caller may read the files of the room, and whether everyone may. */
  mayRead(caller: Caller): Result<{ readonly forAll: boolean }> {
    return this.#room.http.mayRead(caller, Date.now());
  }

  /** Returns those files that belong to a message. */
  usedFiles(ids: readonly string[]): string[] {
    return this.#room.log.files?.used(ids) ?? [];
  }

  #describeFiles(...[ids, user, onResult]: Parameters<FileLookup["describe"]>): void {
    const lookUp = async (): Promise<Result<readonly StoredFile[] | null>> => {
      try {
        return accept((await this.#files?.describe(ids, user)) ?? null);
      } catch (error) {
        this.#report("files could not be looked up", error);
        return reject("rate_limited", "the files are not available: try again in a second", FILES_RETRY_MS);
      }
    };
    void lookUp().then((result) => {
      onResult(result);
      this.#sockets.run();
    });
  }

  /** If this fails, the files ask by themselves before they expire. */
  #keepFiles(ids: readonly string[]): void {
    void this.#files?.keep(ids).catch((error: unknown) => this.#report("files could not be kept", error));
  }

  /** Deletes the files of messages that are gone. If that fails, the alarm tries again. */
  async #removeFiles(): Promise<void> {
    if (this.#isRemovingFiles) return;
    this.#isRemovingFiles = true;
    try {
      for (;;) {
        const { files } = this.#room.log;
        const ids = files?.gone(MAX_REMOVED) ?? [];
        if (ids.length === 0) return;
        await this.#files?.remove(ids);
        files?.forget(ids);
      }
    } catch (error) {
      this.#report("files could not be deleted", error);
    } finally {
      this.#isRemovingFiles = false;
    }
  }

  get #files() {
    return this.env.FILES?.getByName(this.#name);
  }

  /** Limits how many rooms without messages one address opens, if the limit is configured. */
  async #mayOpen(network: string): Promise<boolean> {
    const limiter: RateLimit | undefined = this.env.NEW_ROOMS;
    if (limiter === undefined || network === "" || !this.#room.log.isEmpty || this.#room.audience.size > 0)
      return true;
    const { success } = await limiter.limit({ key: network }).catch(() => ({ success: true }));
    return success;
  }

  #afterRun(): void {
    this.#keepAlarm(Date.now());
    void this.#removeFiles();
  }

  /** Keeps the alarm for the earliest of what has to wake the room. */
  #keepAlarm(now: number): void {
    const { audience, log } = this.#room;
    this.#sweepAt = audience.needsSweep ? (this.#sweepAt ?? now + STALE_AFTER_MS) : null;
    this.#removeAt = log.files?.hasGone ? (this.#removeAt ?? now + REMOVE_RETRY_MS) : null;
    this.#alarm.keep([this.#sweepAt, this.#removeAt], now);
  }

  #write(line: ReportLine): void {
    const room = this.ctx.id.toString();
    console.error(JSON.stringify({ ...line, room, connections: this.#room.audience.size }));
  }
}
