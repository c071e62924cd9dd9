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
  withoutId,
} from "../protocol/index.ts";
import { RoomAlarm } from "./alarm.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { AttachAnswer, AttachRequest, Position, RelayCommand, RelaySink, SearchAnswer } from "./feed.ts";
import { FileRemoval } from "./file-removal.ts";
import type { Caller, ReadResult, SearchResult } from "./http-access.ts";
import { networkId } from "./identity.ts";
import type { ImportResult } from "./imports.ts";
import type { HistoryPage } from "./log-reader.ts";
import { mayOpenRoom, TOO_MANY_ROOMS, tooManyRooms } from "./new-rooms.ts";
import { openRoom, type RoomEnv } from "./open-room.ts";
import { type Report, type ReportLine, throttledReport } from "./report.ts";
import type { Room } from "./room.ts";
import type { Search } from "./searches.ts";
import type { Receipt } from "./sequencer.ts";
import { Sockets } from "./sockets.ts";

/** RoomSummary is the public state of a room. A caller without the right to enter gets that of an empty room. */
export interface RoomSummary extends RoomTeaser {
  readonly room: string;
  /** `""` if the room has no log and no client has joined. */
  readonly epoch: string;
  /** Head of the log. */
  readonly seq: number;
  /** Users in the room. */
  readonly online: number;
}

/** ExportStart is the first line of an export. */
export interface ExportStart {
  readonly room: string;
  readonly title?: string;
  readonly epoch: string;
  /** Head of the log: the export ends there. */
  readonly seq: number;
  /** Seq up to which events may be missing. */
  readonly pruned: number;
}

export class ChatRoom extends DurableObject<RoomEnv> {
  readonly #name: string;
  readonly #report: Report = throttledReport((line) => this.#write(line), Date.now);
  readonly #alarm: RoomAlarm;
  readonly #sockets: Sockets;
  readonly #fileRemoval: FileRemoval;
  #room: Room;

  constructor(ctx: DurableObjectState, env: RoomEnv) {
    super(ctx, env);
    this.#name = ctx.id.name ?? "";
    this.#alarm = new RoomAlarm(ctx.storage);
    this.#room = this.#openRoom();
    // The runtime answers pings without waking the room.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    const [hosted, report] = [this.#room, this.#report];
    this.#sockets = new Sockets({ ctx, hosted, report, onRun: () => this.#ran() });
    this.#fileRemoval = new FileRemoval({
      uses: () => this.#room.log.files,
      remove: async (ids) => env.FILES?.getByName(this.#name).remove(ids),
      report,
      onRemoved: () => this.#sockets.run(),
    });
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      const restored = this.#sockets.restore();
      if (this.#room.audience.needsSweep) this.#alarm.continueSweep();
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
   * Closes stale connections, deletes old events, calls relays that may lack events, and retries to delete files.
   * Nothing else wakes a quiet room.
   */
  override alarm(): void {
    this.#fileRemoval.retry();
    this.#alarm.fired(this.#room.audience.sweep(Date.now()));
    this.#sockets.run();
  }

  summary(caller: Caller): Promise<Result<RoomSummary>> {
    return this.#answer(caller, ({ log, rules, audience, http }, now) => {
      const isOutside = http.entryError(caller, now) !== null;
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
   * Returns the next events of an export, first event first, or `"wiped"` if its log is gone. The caller of
   * `startExport` was checked.
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

  /** Imports a file into the room. `name` is the caller's name in the notice; `""`: the name that the room knows. */
  async import(file: ReadableStream<Uint8Array>, name: string, caller: Caller): Promise<ImportResult> {
    const rejected = this.#room.http.startImport(caller, Date.now());
    if (rejected !== null) return rejected;
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

  /** Answers a request over HTTP, and runs the room: the request may have made something due. */
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

  /** Returns whether a caller may read the files of the room, and whether all callers may. */
  mayRead(caller: Caller): Result<{ readonly forAll: boolean }> {
    return this.#room.http.mayRead(caller, Date.now());
  }

  /** Returns the files of `ids` that belong to a message. */
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

  /** Limits how many rooms without messages one address opens, if the limit is configured. */
  async #mayOpen(network: string): Promise<boolean> {
    const { log, audience, relays } = this.#room;
    const isNew = log.isEmpty && audience.size + (relays?.size ?? 0) === 0;
    return !isNew || mayOpenRoom(this.env.NEW_ROOMS, network);
  }

  #ran(): void {
    if (this.#room.isOver) this.#end();
    this.#alarm.keep(this.#room, Date.now());
    void this.#fileRemoval.run();
  }

  /** Deletes everything, because all users have left a room that is kept until then. Waiting users connect again. */
  #end(): void {
    this.#room.relays?.close();
    void this.ctx.storage.deleteAll();
    this.#alarm.deleted();
    this.#room = this.#openRoom();
    this.#sockets.replace(this.#room);
  }

  #openRoom(): Room {
    const { ctx, env } = this;
    const onChange = () => this.#sockets.run();
    return openRoom({ name: this.#name, storage: ctx.storage, env, report: this.#report, onChange });
  }

  #write(line: ReportLine): void {
    const room = this.ctx.id.toString();
    // A line about the configuration is written before the room exists.
    const connections = this.ctx.getWebSockets().length;
    console.error(JSON.stringify({ ...line, room, connections }));
  }
}
