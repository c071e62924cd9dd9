/** Log events: every event of the log from a position on, missed ones over HTTP and new ones live. */
import * as v from "valibot";
import type { RoomEvent } from "../protocol/events.ts";
import { type LogEntry, LogEntry as LogEntrySchema } from "../protocol/server-lines.ts";
import { ChatError } from "./chat-error.ts";
import { apiHeaders, apiUrl, type Secrets } from "./http-api.ts";
import type { FollowLogOptions } from "./options.ts";
import { type AbortSignalLike, type Clock, type Deferred, deferred, type FetchLike } from "./platform.ts";
import { NORMAL_CLOSURE } from "./reconnecting-socket.ts";
import type { ChatEvents, ChatState, LogGap, LogPosition } from "./state.ts";

const EventPage = v.object({
  epoch: v.string(),
  seq: v.number(),
  events: v.array(LogEntrySchema),
  more: v.boolean(),
});
type EventPage = v.InferOutput<typeof EventPage>;

/** Events of one page over HTTP: the most that the server sends. */
const PAGE_LIMIT = 100;
/** Live events that wait for the consumer; beyond it they are dropped and loaded over HTTP instead. */
const MAX_QUEUE = 1_000;
/** Wait before a failed request is repeated. */
const RETRY_MS = 2_000;

/** LogSource is the client whose log is followed. */
export interface LogSource {
  readonly position: LogPosition | null;
  readonly state: Pick<ChatState, "roomState" | "room">;
  on<K extends "event" | "state">(type: K, listener: (event: ChatEvents[K]) => void): () => void;
}

/** HttpOptions is what is needed to read the log over HTTP. */
interface HttpOptions {
  /** URL of the room's messages. */
  readonly url: string;
  readonly fetch: FetchLike;
  readonly clock: Clock;
  /** Returns the headers that identify the user to a room that restricts entry. */
  readonly headers: () => Record<string, string>;
}

/** Yields each event after a position once and in order, and a LogGap for events that the room has pruned. */
export async function* followLog(
  source: LogSource,
  {
    url,
    fetch,
    clock,
    after,
    secrets,
    signal,
  }: Omit<HttpOptions, "fetch" | "headers"> & {
    readonly fetch: FetchLike | null;
    readonly secrets: Secrets;
  } & FollowLogOptions,
): AsyncGenerator<RoomEvent | LogGap, void, void> {
  if (fetch === null) throw new TypeError("this platform has no fetch: pass one as the option `fetch`");
  // They cost a page of another origin a preflight request, so they are sent only where they matter.
  const headers = () => (source.state.roomState.owned ? apiHeaders(secrets) : {});
  const options = { url: apiUrl(url, "messages"), fetch, clock, headers };
  const live = new LiveEvents(source, signal);
  try {
    let { epoch, seq } = after ?? source.position ?? {};
    while (!live.isEnded) {
      const { position, state } = source;
      // Before the first welcome, it is not known whether the room restricts entry.
      if (position === null || state.room === undefined) {
        await live.change();
        continue;
      }
      epoch ??= position.epoch;
      seq ??= position.seq;
      const next = position.epoch === epoch ? live.take(seq) : undefined;
      if (next !== undefined) {
        seq = next.seq;
        yield next;
      } else if (position.epoch === epoch && position.seq <= seq) {
        await live.change();
      } else {
        const entries = await missed({ epoch, seq }, options, live);
        if (entries.length === 0) await live.sleep(clock, RETRY_MS);
        for (const entry of entries) {
          const isEmptyGap = entry.type === "gap" && entry.before === 1 && seq === 0;
          // A room without events has no epoch over HTTP, and a provisional one in its `welcome`.
          if (entry.type === "gap") epoch = entry.epoch || position.epoch;
          seq = entry.type === "gap" ? entry.before - 1 : entry.seq;
          if (entry.type !== "opaque" && !isEmptyGap) yield entry;
        }
      }
    }
    live.throwIfFailed();
  } finally {
    live.stop();
  }
}

/** Returns the next events after a position, over HTTP. It begins with a LogGap if some are gone. */
async function missed(
  after: LogPosition,
  options: HttpOptions,
  live: LiveEvents,
): Promise<readonly (LogEntry | LogGap)[]> {
  const query = `after=${after.seq}&epoch=${encodeURIComponent(after.epoch)}&limit=${PAGE_LIMIT}`;
  const page = await load(`${options.url}?${query}`, options, live);
  if (page === "ended") return [];
  if (page === "epoch" || page === "pruned") {
    // The events in between cannot be loaded; the newest messages can.
    const newest = await load(`${options.url}?limit=${PAGE_LIMIT}`, options, live);
    if (typeof newest === "string") return [];
    const { epoch, seq, events } = newest;
    const before = events[0]?.seq ?? seq + 1;
    return [{ type: "gap", epoch, after: epoch === after.epoch ? after.seq : 0, before }, ...events];
  }
  return page.events;
}

async function load(
  url: string,
  { fetch, clock, headers }: HttpOptions,
  live: LiveEvents,
): Promise<EventPage | "epoch" | "pruned" | "ended"> {
  for (;;) {
    const wait = await fetch(url, { headers: headers() }).then(
      async (response) => {
        if (response.status === 409) return "epoch";
        if (response.status === 410) return "pruned";
        const text = await response.text();
        if (response.status === 200) return v.parse(EventPage, JSON.parse(text));
        if (response.status < 500 && response.status !== 429) {
          throw new ChatError("internal", `${url} answers ${response.status}: ${text.slice(0, 200)}`);
        }
        return Number(response.headers.get("Retry-After") ?? 0) * 1_000 || RETRY_MS;
      },
      () => RETRY_MS,
    );
    if (typeof wait !== "number") return wait;
    await live.sleep(clock, wait);
    if (live.isEnded) return "ended";
  }
}

/** LiveEvents queues the events of a client until they are taken. */
class LiveEvents {
  /** The client was closed, or the signal aborted. */
  isEnded = false;
  #closeCode: number | undefined;
  readonly #signal: AbortSignalLike | undefined;
  #queue: RoomEvent[] = [];
  #wake: Deferred<void> = deferred();
  readonly #stops: (() => void)[];

  constructor(source: LogSource, signal: AbortSignalLike | undefined) {
    const end = () => {
      this.isEnded = true;
      this.#wake.resolve();
    };
    this.#signal = signal;
    if (signal?.aborted) this.isEnded = true;
    signal?.addEventListener("abort", end);
    this.#stops = [
      () => signal?.removeEventListener("abort", end),
      source.on("event", (event) => this.#push(event)),
      source.on("state", ({ connection, closeCode }) => {
        this.#closeCode = closeCode;
        if (connection === "closed") end();
        if (connection === "online") this.#wake.resolve();
      }),
    ];
  }

  /** Removes and returns the queued event that follows `seq`, if it is there. */
  take(seq: number): RoomEvent | undefined {
    while (this.#queue[0] !== undefined && this.#queue[0].seq <= seq) this.#queue.shift();
    return this.#queue[0]?.seq === seq + 1 ? this.#queue.shift() : undefined;
  }

  /** Waits until something may have changed. */
  async change(): Promise<void> {
    await this.#wake.promise;
    this.#wake = deferred();
  }

  /** Waits for `ms`, or until it is ended. */
  async sleep(clock: Clock, ms: number): Promise<void> {
    const timer = deferred<void>();
    const handle = clock.setTimeout(() => timer.resolve(), ms);
    await Promise.race([timer.promise, this.#wake.promise]);
    clock.clearTimeout(handle);
  }

  /** Throws the signal's reason if it is aborted, and a ChatError if the room closed the client. */
  throwIfFailed(): void {
    if (this.#signal?.aborted) throw this.#signal.reason;
    if (this.#closeCode === NORMAL_CLOSURE) return;
    throw new ChatError("closed", `the connection was closed with code ${this.#closeCode}`);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #push(event: RoomEvent): void {
    // The dropped events are loaded over HTTP once the consumer gets there.
    if (this.#queue.length >= MAX_QUEUE) this.#queue = [];
    this.#queue.push(event);
    this.#wake.resolve();
  }
}
