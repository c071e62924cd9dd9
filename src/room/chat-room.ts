/** ChatRoom: the Durable Object of one room. It connects the room to the runtime's sockets, storage and clock. */
import { DurableObject } from "cloudflare:workers";
import {
  accept,
  MAX_PAGE_LENGTH,
  MISDIRECTED,
  networkOf,
  PING,
  PONG,
  type PostBody,
  REGION_HEADER,
  type Result,
  type RoomEvent,
  type RoomTeaser,
  STALE_AFTER_MS,
  withoutId,
} from "../protocol/index.ts";
import { RoomAlarm } from "./alarm.ts";
import type { Elsewhere } from "./audience.ts";
import { roomConfig } from "./config.ts";
import type {
  AttachAnswer,
  AttachRequest,
  Position,
  RelayCalls,
  RelayCommand,
  RelaySink,
  SearchAnswer,
} from "./feed.ts";
import { fileLookup } from "./file-lookup.ts";
import type { Caller, ReadResult, SearchResult } from "./http-access.ts";
import { networkId, type RoomSecrets } from "./identity.ts";
import type { ImportResult } from "./imports.ts";
import type { HistoryPage } from "./log-reader.ts";
import { mayOpenRoom, TOO_MANY_ROOMS, tooManyRooms } from "./new-rooms.ts";
import { type Report, type ReportLine, throttledReport } from "./report.ts";
import { Room } from "./room.ts";
import type { Search } from "./searches.ts";
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

/** Keys of the names of the relays, and of the room's secrets while the log has not stored them. */
const RELAYS = "relays";
const SECRETS = "secrets";

/** RoomEnv has the bindings that a deployment may leave out. */
type RoomEnv = Omit<Env, "FILES" | "RELAYS"> & Partial<Pick<Env, "FILES" | "RELAYS">>;

/** Files that one call deletes. */
const MAX_REMOVED = 100;
/** Time until a deletion of files that failed is tried again. */
const REMOVE_RETRY_MS = 20_000;
/** Time until a relay that may lack events is called again after a restart of the room. */
const RELAY_RETRY_MS = 5_000;

export class ChatRoom extends DurableObject<RoomEnv> {
  readonly #name: string;
  readonly #report: Report = throttledReport((line) => this.#write(line), Date.now);
  readonly #alarm: RoomAlarm;
  readonly #sockets: Sockets;
  #room: Room;
  /** Time of the next sweep of stale connections, Unix ms, or `null`. */
  #sweepAt: number | null = null;
  /** Time of the next attempt to delete files of messages that are gone, Unix ms, or `null`. */
  #removeAt: number | null = null;
  /** Time of the next call of the relays that may lack events, Unix ms, or `null`. */
  #callAt: number | null = null;
  /** Whether files are being deleted, or could not be: then the alarm tries again. */
  #isRemovingFiles = false;

  constructor(ctx: DurableObjectState, env: RoomEnv) {
    super(ctx, env);
    this.#name = ctx.id.name ?? "";
    this.#alarm = new RoomAlarm(ctx.storage);
    this.#room = this.#newRoom();
    // The runtime answers pings without waking the room.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    const [hosted, report] = [this.#room, this.#report];
    this.#sockets = new Sockets({ ctx, hosted, report, onRun: () => this.#ran() });
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      const restored = this.#sockets.restore();
      // The alarm is never later than the next sweep.
      if (this.#room.audience.needsSweep) this.#sweepAt = this.#alarm.at;
      if (restored > 0) this.#sockets.run();
    });
  }

  /** Accepts a socket. The Worker has checked the handshake. */
  override async fetch(request: Request): Promise<Response> {
    const network = networkOf(request.headers.get("CF-Connecting-IP") ?? "");
    if (!(await this.#mayOpen(network))) return tooManyRooms();
    const region = request.headers.get(REGION_HEADER);
    const placed = region === null ? null : (this.#room.relays?.place(region, Date.now()) ?? null);
    if (placed !== null) return Response.json({ relays: placed }, { status: MISDIRECTED });
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

  /**
   * Closes stale connections, forgets what is too old, and deletes files that could not be deleted yet. This is all
   * that wakes a quiet room.
   */
  override alarm(): void {
    this.#alarm.cleared();
    this.#removeAt = null;
    this.#isRemovingFiles = false;
    this.#sweepAt = this.#room.audience.sweep(Date.now());
    this.#sockets.run();
  }

  summary(caller: Caller): Promise<Result<RoomSummary>> {
    return this.#answer(caller, ({ log, rules, audience, http }, now) => {
      const isOutside = http.refusal(caller, now) !== null;
      const inside = isOutside
        ? { epoch: "", seq: 0, online: 0 }
        : { epoch: log.epoch, seq: log.head, online: audience.online };
      return accept({ room: this.#name, ...inside, ...rules.teaser });
    });
  }

  /** Returns the newest `limit` messages and notices before `seq`, or fewer if they are long. */
  messagesBefore(seq: number, limit: number, caller: Caller): Promise<ReadResult> {
    return this.#answer(caller, ({ http }, now) => http.messagesBefore(seq, limit, caller, now));
  }

  /** Returns the first `limit` events after `seq`, or fewer if they are long. */
  eventsAfter(seq: number, epoch: string | undefined, limit: number, caller: Caller): Promise<ReadResult> {
    return this.#answer(caller, ({ http }, now) => http.eventsAfter(seq, epoch, limit, caller, now));
  }

  /** Returns a page of the messages before `seq` that match a query, newest first. */
  search(q: string, seq: number, limit: number, caller: Caller): Promise<SearchResult> {
    return this.#answer(caller, ({ http }, now) => http.search(q, seq, limit, caller, now));
  }

  /** Begins an export. */
  startExport(caller: Caller): Promise<Result<ExportStart>> {
    return this.#answer(caller, ({ http, rules }, now) => {
      const started = http.startExport(caller, now);
      if (!started.ok) return started;
      const { title } = rules.teaser;
      return accept({ room: this.#name, ...(title !== undefined && { title }), ...started.value });
    });
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
    const { log, retention } = this.#room;
    retention.hide(Date.now());
    if (log.epoch !== epoch) return "wiped";
    const { events } = log.remaining(seq, limit, MAX_PAGE_LENGTH);
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
  post(body: PostBody, caller: Caller): Promise<Result<Receipt>> {
    return this.#answer<Result<Receipt>>(
      caller,
      ({ http }, now) => new Promise((resolve) => http.post(body, caller, resolve, now)),
    );
  }

  /** Answers a request of a caller over HTTP, and does what is due then. */
  async #answer<T>(
    caller: Caller,
    work: (room: Room, now: number) => T | Promise<T>,
  ): Promise<T | { ok: false; error: typeof TOO_MANY_ROOMS }> {
    if (!(await this.#mayOpen(caller.network))) return { ok: false, error: TOO_MANY_ROOMS };
    const answer = work(this.#room, Date.now());
    this.#sockets.run();
    return answer;
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

  /** Begins a session with a relay. Its sink is kept until the session ends. */
  async attachRelay(request: AttachRequest, sink: RelaySink & { dup?(): RelaySink }): Promise<AttachAnswer> {
    const { relays } = this.#room;
    if (relays === null) throw new Error("the room has no relays");
    // A parameter is disposed of after the call.
    const kept = sink.dup?.() ?? sink;
    return relays.attach(request, kept, crypto.randomUUID(), Date.now());
  }

  /** Takes commands of a relay, unless its session has ended. */
  async submitFromRelay(relay: string, session: string, commands: readonly RelayCommand[]): Promise<boolean> {
    const submissions = this.#room.relays?.submissions(relay, session, commands) ?? null;
    for (const submission of submissions ?? []) this.#room.submit(submission);
    this.#sockets.run();
    return submissions !== null;
  }

  async reportRelay(relay: string, here: Elsewhere): Promise<void> {
    this.#room.relays?.report(relay, here, Date.now());
    this.#sockets.run();
  }

  async logHead(): Promise<Position> {
    const { epoch, head } = this.#room.log;
    return { epoch, seq: head };
  }

  async relayHistory(seq: number, limit: number): Promise<HistoryPage> {
    return this.#room.history(seq, limit);
  }

  relaySearch(search: Pick<Search, "query" | "before" | "limit">): Promise<SearchAnswer> {
    return new Promise((resolve) => {
      const onResult: Search["onResult"] = (result, looked) => resolve({ result, looked });
      this.#room.search({ ...search, isWanted: () => true, onResult });
      this.#sockets.run();
    });
  }

  /** If this fails, the files ask by themselves before they expire. */
  #keepFiles(ids: readonly string[]): void {
    void this.#files?.keep(ids).catch((error: unknown) => this.#report("files could not be kept", error));
  }

  /** Deletes the files of messages that are gone. */
  async #removeFiles(): Promise<void> {
    if (this.#isRemovingFiles) return;
    this.#isRemovingFiles = true;
    let count = 0;
    try {
      for (;;) {
        const { files } = this.#room.log;
        const ids = files?.gone(MAX_REMOVED) ?? [];
        if (ids.length === 0) break;
        await this.#files?.remove(ids);
        files?.forget(ids);
        count += ids.length;
      }
      this.#isRemovingFiles = false;
    } catch (error) {
      this.#report("files could not be deleted", error);
    }
    // A room that everyone has left waits for this.
    if (count > 0) this.#sockets.run();
  }

  get #files() {
    return this.env.FILES?.getByName(this.#name);
  }

  /** Limits how many rooms without messages one address opens, if the limit is configured. */
  async #mayOpen(network: string): Promise<boolean> {
    const { log, audience, relays } = this.#room;
    const isNew = log.isEmpty && audience.size + (relays?.size ?? 0) === 0;
    return !isNew || mayOpenRoom(this.env.NEW_ROOMS, network);
  }

  #ran(): void {
    if (this.#room.isOver) this.#forget();
    this.#keepAlarm(Date.now());
    void this.#removeFiles();
  }

  /** Keeps the alarm for the earliest of what has to wake the room. */
  #keepAlarm(now: number): void {
    const { audience, log, retention, relays } = this.#room;
    this.#sweepAt = audience.needsSweep ? (this.#sweepAt ?? now + STALE_AFTER_MS) : null;
    this.#removeAt = log.files?.hasGone ? (this.#removeAt ?? now + REMOVE_RETRY_MS) : null;
    this.#callAt = relays?.isBehind ? (this.#callAt ?? now + RELAY_RETRY_MS) : null;
    this.#alarm.keep([this.#sweepAt, this.#removeAt, this.#callAt, retention.wakeAt], now);
  }

  /** Deletes everything: everyone has left a room that is kept until then. Who waits outside connects again. */
  #forget(): void {
    this.#room.relays?.close();
    void this.ctx.storage.deleteAll();
    this.#alarm.cleared();
    this.#room = this.#newRoom();
    this.#sockets.replace(this.#room);
  }

  #newRoom(): Room {
    const { storage } = this.ctx;
    const { FILES: files = null, RELAYS: relays } = this.env;
    const onChange = () => this.#sockets.run();
    const room = new Room({
      name: this.#name,
      store: {
        exec: (query, ...bindings) => storage.sql.exec(query, ...bindings),
        transaction: (work) => storage.transactionSync(work),
      },
      config: roomConfig(this.env, (sentence) => this.#report("bad configuration", sentence)),
      report: this.#report,
      files: files && fileLookup(() => files.getByName(this.#name), this.#report, onChange),
      onFilesSent: (ids) => this.#keepFiles(ids),
      relays: {
        isAvailable: relays !== undefined,
        calls: (name) => relayCalls(relays, `${this.#name}/${name}`),
        saved: storage.kv.get<string[]>(RELAYS) ?? [],
        save: (names) => this.#saveRelays(names),
        newSession: () => crypto.randomUUID(),
        onChange,
      },
    });
    const secrets = storage.kv.get<RoomSecrets>(SECRETS);
    if (secrets !== undefined) room.log.adoptSecrets(secrets);
    return room;
  }

  /** Saves the names of the relays. A room whose connections are all in relays has no socket that keeps its secrets. */
  #saveRelays(names: readonly string[]): void {
    const { kv } = this.ctx.storage;
    kv.put(RELAYS, [...names]);
    const { log } = this.#room;
    if (names.length > 0 && log.isEmpty) kv.put(SECRETS, log.secrets);
    else kv.delete(SECRETS);
  }

  #write(line: ReportLine): void {
    const room = this.ctx.id.toString();
    console.error(JSON.stringify({ ...line, room, connections: this.#room.audience.size }));
  }
}

/** Returns the calls of a relay. Each looks the object up anew: a stub does not work any more after an error. */
function relayCalls(relays: RoomEnv["RELAYS"], name: string): RelayCalls {
  const relay = () => {
    if (relays === undefined) throw new Error("the deployment has no relays");
    return relays.getByName(name);
  };
  return {
    wake: async (ended) => relay().wake(ended),
    users: async () => relay().users(),
    about: async (user) => relay().about(user),
  };
}
