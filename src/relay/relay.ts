/**
 * Relay: the audience of a part of a room's connections. It has the events from the room's deliveries, and sends the
 * commands of its connections to the room. It knows no runtime: calls and times are passed in.
 */
import {
  accept,
  CloseCode,
  DAY_MS,
  keptDays,
  type Result,
  type RoomEvent,
  reject,
  withoutId,
} from "../protocol/index.ts";
import { Audience } from "../room/audience.ts";
import type { RoomConfig } from "../room/config.ts";
import type { Connection } from "../room/connection.ts";
import { EntryCheck } from "../room/entry-check.ts";
import type { AttachAnswer, Delivery, Position, RelaySink, RoomCalls } from "../room/feed.ts";
import type { HistoryPage } from "../room/log-reader.ts";
import type { FileLookup } from "../room/message-files.ts";
import { Moving } from "../room/moving.ts";
import { Pacing } from "../room/pacing.ts";
import { NOTHING_HERE } from "../room/relay-link.ts";
import type { Report } from "../room/report.ts";
import { Rules, type RulesSnapshot } from "../room/rules.ts";
import type { Search } from "../room/searches.ts";
import { type Committed, MAX_FAN_OUT_LENGTH } from "../room/sequencer.ts";
import { CatchUps } from "./catch-ups.ts";
import { Mirror } from "./mirror.ts";
import { Outgoing } from "./outgoing.ts";

/** Length of the lines that may wait for a flush, in UTF-16 units. Beyond it they are read again from the room. */
const MAX_TAKEN_LENGTH = 8_000_000;
/** Frames that may wait until the relay knows its room. */
const MAX_HELD = 10_000;
/** Pause after an attempt to attach that failed; it doubles up to the longest. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** Shortest time between two reports of the connections. */
const REPORT_INTERVAL_MS = 1_000;

/** RelayOptions connect a relay to its room and its runtime. */
export interface RelayOptions {
  readonly name: string;
  /** Name of the room. */
  readonly room: string;
  readonly config: RoomConfig;
  readonly report: Report;
  /** Finds uploaded files; `null`: the service takes none. */
  readonly files: FileLookup | null;
  readonly calls: RoomCalls;
  /** Makes a sink that can be passed to the room. `onDrop` is called when the room has dropped it, or is gone. */
  readonly exported: (sink: RelaySink, onDrop: () => void) => RelaySink;
  /** What `save` saved last: up to where the connections have the log. */
  readonly saved: Position | null;
  readonly save: (position: Position | null) => void;
  /** Called when there is something to do outside of a step. */
  readonly onChange: () => void;
  /** Returns the time, Unix ms. */
  readonly now: () => number;
}

/** Taken is what came from the room and waits for a flush. */
interface Taken extends Pick<Delivery, "results" | "state"> {
  readonly entries: readonly Committed[];
  readonly rules?: RulesSnapshot;
  readonly length: number;
  /** The log is not continued: these are its newest events. */
  readonly newest?: Pick<AttachAnswer, "events" | "secrets">;
}

export class Relay {
  readonly audience: Audience;
  readonly pacing = new Pacing();
  readonly #options: RelayOptions;
  readonly #mirror: Mirror;
  readonly #rules = new Rules(NO_STORE, undefined);
  readonly #outgoing: Outgoing;
  readonly #catchUps: CatchUps;
  /** The session with the room, with the number of its last delivery; `null` without one. */
  #session: { readonly id: string; number: number } | null = null;
  #attaching: Promise<void> | null = null;
  /** The room ended the session because nothing happened. */
  #isReleased = false;
  #retryAt = 0;
  #failures = 0;
  #taken: Taken[] = [];
  #takenLength = 0;
  /** Where the log is after everything that was taken. */
  #position: Position | null = null;
  /** What `save` saved last. */
  #saved: Position | null;
  #held: (readonly [Connection, string | ArrayBuffer])[] = [];
  readonly #pages = new Map<string, Promise<HistoryPage>>();
  #reported = NOTHING_HERE;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #isDraining = false;
  readonly #moving = new Moving();

  constructor(options: RelayOptions) {
    const { room, config, report, files, calls, name } = options;
    this.#options = options;
    this.#saved = options.saved;
    this.#mirror = new Mirror(() => this.audience.first);
    this.#outgoing = new Outgoing({
      submit: (session, commands) => calls.submit(name, session, commands),
      onTaken: options.onChange,
      onEnded: (session) => {
        if (this.#session?.id === session) this.lose();
        else options.onChange();
      },
      onFailed: () => this.lose(),
    });
    this.#catchUps = new CatchUps({
      head: async () => {
        const { epoch, seq } = await calls.head();
        if (epoch !== this.#mirror.epoch) throw new Error("the log has another epoch");
        return seq;
      },
      onFailed: () => this.lose(),
      onChange: options.onChange,
    });
    this.audience = new Audience({
      ...{ room, config, report, files, log: this.#mirror, rules: this.#rules },
      check: new EntryCheck(this.#rules),
      retention: { hide: (now) => this.#hide(now) },
      submit: (submission) => this.#outgoing.add(submission),
      search: (search) => void this.#search(search),
      history: (seq, limit, onPage) => void this.#history(seq, limit, onPage),
      catchUp: (done) => this.#catchUps.add(done),
    });
  }

  /** Whether it knows its room, so that it can accept connections. */
  get isReady(): boolean {
    return this.#mirror.isKnown;
  }

  /** Whether a new connection belongs elsewhere: the relay is far beyond its size, or is being drained. */
  get isClosed(): boolean {
    return this.#isDraining || this.audience.size >= 2 * this.#options.config.relaySize;
  }

  /** Whether nothing but its connections would be lost with its memory. */
  get mayHibernate(): boolean {
    return this.#session === null && this.#attaching === null && this.dueAt === null;
  }

  /** Whether the room has no messages and no users. */
  get isInNewRoom(): boolean {
    return this.#mirror.head === 0 && this.audience.size === 0 && this.audience.online === 0;
  }

  /** The room's secrets. */
  get secrets(): Mirror["secrets"] {
    return this.#mirror.secrets;
  }

  /** Begins a session with the room, unless there is one. Rejects if the room cannot be reached. */
  attach(): Promise<void> {
    if (this.#session !== null) return Promise.resolve();
    this.#attaching ??= this.#attach().finally(() => {
      this.#attaching = null;
      this.#options.onChange();
    });
    return this.#attaching;
  }

  /**
   * Begins a session if there is none, or only one that has ended.
   *
   * @returns the session
   */
  async wake(ended: string | null): Promise<string | null> {
    if (ended !== null && this.#session?.id === ended) this.lose();
    await this.attach();
    return this.#session?.id ?? null;
  }

  /** Handles a frame. Until the room is known, frames wait. */
  receive(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    if (this.isReady) this.audience.receive(connection, frame, now);
    else if (this.#held.length < MAX_HELD) this.#held.push([connection, frame]);
    else this.audience.disconnect(connection, CloseCode.Moved);
  }

  /** Takes a delivery. Throws if one before it is missing. */
  deliver(delivery: Delivery): void {
    const session = this.#session;
    if (delivery.session !== session?.id || delivery.number <= session.number) return;
    const { number, prev, entries, results, state, rules, isLast } = delivery;
    const length = entries.reduce((sum, { line }) => sum + line.length, 0);
    if (number !== session.number + 1 || prev !== this.#position?.seq) {
      this.lose();
      throw new Error("a delivery is missing");
    }
    if (this.#takenLength + length > MAX_TAKEN_LENGTH) {
      this.#forgetTaken();
      this.lose();
      throw new Error("the relay is too slow");
    }
    session.number = number;
    this.#take({ entries: entries.map(committed), results, state, length, ...(rules && { rules }) });
    if (isLast) {
      this.#session = null;
      this.#isReleased = true;
    }
    this.#options.onChange();
  }

  /** The session has ended, and it is not known what of its commands and deliveries arrived. */
  lose(): void {
    this.#lose();
    this.#options.onChange();
  }

  /** Time when `step` has something to do, Unix ms, or `null`. While a flush drains it has nothing to do. */
  get dueAt(): number | null {
    if (this.pacing.isDraining) return null;
    if (this.#taken.length > 0 || this.#catchUps.isDue(this.#mirror.head)) return 0;
    const due = [this.audience.dueAt, this.#outgoing.dueAt, this.#catchUps.dueAt];
    if (this.#needsRoom) due.push(this.#attaching === null ? this.#retryAt : null);
    else if (this.#session !== null && this.#outgoing.isDue) due.push(0);
    if (this.#hasToReport && this.#attaching === null) due.push(this.#reportAt);
    if (this.#isDraining && this.audience.size > 0) due.push(this.#moving.dueAt);
    const times = due.filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Does what is due: sends the connections what came from the room, and the room what came from them. */
  step(now: number): void {
    this.audience.expire(now);
    if (this.#outgoing.isOverdue(now) || this.#catchUps.isOverdue(now)) this.#lose();
    if (!this.pacing.isDraining) {
      const batch = this.#takeBatch();
      this.#catchUps.settle(this.#mirror.head);
      if (this.#isDraining) this.#moving.step(this.audience, false, now);
      this.pacing.flushed(this.audience.flush(batch, now));
      if (this.isReady)
        for (const [connection, frame] of this.#held.splice(0)) this.#receiveHeld(connection, frame, now);
    }
    if (this.#session !== null) this.#outgoing.send(this.#session.id, now);
    else if (this.#needsRoom && now >= this.#retryAt) this.attach().catch(() => {});
    this.#report(now);
    this.#save();
  }

  #lose(): void {
    this.#session = null;
    const answered = new Set(this.#taken.flatMap(({ results }) => results.map(({ ref }) => ref)));
    this.#outgoing.lose(answered);
  }

  /** Whether it has no session, and something that needs one. */
  get #needsRoom(): boolean {
    if (this.#session !== null) return false;
    if (this.#outgoing.hasWaiting || this.#catchUps.hasWaiting) return true;
    return this.audience.size > 0 && !this.#isReleased;
  }

  async #attach(): Promise<void> {
    const { name, calls, exported, now } = this.#options;
    let session: string | null = null;
    let isDropped = false;
    const onDrop = () => {
      isDropped = true;
      if (session !== null && this.#session?.id === session) this.lose();
    };
    const sink = exported({ deliver: async (delivery) => this.deliver(delivery) }, onDrop);
    const { audience } = this;
    const caughtUp = this.#catchUps.asking();
    try {
      const has = this.#mirror.isKnown ? this.#position : null;
      const secrets = this.#mirror.isKnown ? this.#mirror.unsavedSecrets : this.#mirror.adopted;
      const here = audience.here;
      const answer = await calls.attach({ relay: name, secrets, has, here }, sink);
      this.#reported = here;
      session = answer.session;
      this.#attached(answer);
      caughtUp(answer.state.head);
      this.#failures = 0;
      // The session has ended before it was known here.
      if (isDropped) this.#lose();
    } catch (error) {
      this.#retryAt = now() + Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
      this.#failures += 1;
      this.#options.report("the room could not be reached", error);
      throw error;
    }
  }

  #attached({ session, secrets, state, rules, events, isContinued }: AttachAnswer): void {
    this.#session = { id: session, number: 0 };
    this.#isReleased = false;
    if (!isContinued) this.#forgetTaken();
    const entries = isContinued ? events.map(asCommitted) : [];
    const newest = isContinued ? {} : { newest: { events, secrets } };
    this.#take({ entries, results: [], state, rules, length: 0, ...newest });
  }

  #take(taken: Taken): void {
    this.#taken.push(taken);
    this.#takenLength += taken.length;
    this.#position = { epoch: taken.state.epoch, seq: taken.state.head };
  }

  /** Forgets what waits for a flush: it is read again. */
  #forgetTaken(): void {
    this.#taken = [];
    this.#takenLength = 0;
    this.#position = this.#mirror.position;
  }

  /** Applies what was taken, as much as one flush may send. Returns its events. */
  #takeBatch(): Committed[] {
    const batch: Committed[] = [];
    const most = MAX_FAN_OUT_LENGTH / Math.max(1, this.audience.size);
    let length = 0;
    let count = 0;
    for (const taken of this.#taken) {
      // The events before the newest ones leave first.
      if (count > 0 && (length + taken.length > most || (taken.newest !== undefined && batch.length > 0)))
        break;
      count += 1;
      length += taken.length;
      const before = this.#mirror.position ?? this.#saved;
      this.#outgoing.answer(taken.results);
      if (taken.rules !== undefined) this.#rules.adopt(taken.rules);
      this.#mirror.update(taken.state, taken.newest?.secrets);
      this.audience.elsewhere = taken.state.elsewhere;
      this.#isDraining = taken.state.isDraining;
      const { entries, newest } = taken;
      const added = newest === undefined ? entries : this.#continueWith(newest.events, before);
      this.#outgoing.answerEvents(added.map(({ event }) => event));
      batch.push(...added);
    }
    this.#taken.splice(0, count);
    this.#takenLength -= length;
    return batch;
  }

  /**
   * Takes the newest events of the log into memory. Returns the events that the connections do not have. If earlier
   * ones are missing, the connections are closed: their clients resume.
   *
   * @param has - up to where the connections have the log; `null` if it is not known
   */
  #continueWith(events: readonly RoomEvent[], has: Position | null): Committed[] {
    const { epoch, head } = this.#mirror;
    const first = events[0]?.seq ?? head + 1;
    const isContinued = has !== null && has.epoch === epoch && has.seq >= first - 1 && has.seq <= head;
    if (isContinued) {
      this.audience.fill(events.filter(({ seq }) => seq <= has.seq));
      return events.filter(({ seq }) => seq > has.seq).map(asCommitted);
    }
    this.audience.fill(events);
    const isOther = has !== null && has.epoch !== epoch;
    // Their authors may have other ids in another log.
    if (isOther) this.#outgoing.forget();
    this.audience.move(Number.POSITIVE_INFINITY, isOther ? CloseCode.NewEpoch : CloseCode.Moved);
    return [];
  }

  #receiveHeld(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    if (connection.isOpen) this.audience.receive(connection, frame, now);
  }

  /** Hides what is too old for readers. The room deletes it. */
  #hide(now: number): void {
    const days = keptDays(this.#rules.settings.retention, this.#options.config.historyDays || undefined);
    this.#mirror.hide(days === null ? 0 : (this.audience.lastBefore(now - days * DAY_MS) ?? 0));
  }

  get #hasToReport(): boolean {
    const { connections, online, waiting } = this.audience.here;
    const before = this.#reported;
    return (
      this.isReady &&
      (connections !== before.connections ||
        online !== before.online ||
        JSON.stringify(waiting) !== JSON.stringify(before.waiting))
    );
  }

  /** Earliest time of the next report, Unix ms. A relay reports at once that it is full. */
  get #reportAt(): number {
    const { relaySize } = this.#options.config;
    const isFull = this.audience.size >= relaySize && this.#reported.connections < relaySize;
    return isFull ? 0 : this.#reportedAt + REPORT_INTERVAL_MS;
  }

  /** Reports to the room what has changed of the connections. */
  #report(now: number): void {
    if (!this.#hasToReport || this.#attaching !== null || now < this.#reportAt) return;
    this.#reported = this.audience.here;
    this.#reportedAt = now;
    // If it fails, the next session begins with a report.
    this.#options.calls.report(this.#options.name, this.#reported).catch(() => {});
  }

  /** Saves up to where the connections have the log, before a hibernation. While it changes, nothing is saved. */
  #save(): void {
    // Without connections there is nothing to remember, and while commands wait they would be lost unnoticed.
    const isQuiet =
      this.audience.size > 0 &&
      this.#isReleased &&
      this.#session === null &&
      this.#taken.length === 0 &&
      this.#outgoing.isEmpty &&
      !this.#catchUps.hasWaiting &&
      !this.pacing.isDraining;
    const position = isQuiet ? this.#position : null;
    if (!this.isReady || (position?.seq === this.#saved?.seq && position?.epoch === this.#saved?.epoch))
      return;
    this.#saved = position;
    this.#options.save(position);
  }

  /** Reads a page from the room, once for all connections that ask for the same page at the same time. */
  async #history(seq: number, limit: number, onPage: (page: Result<HistoryPage>) => void): Promise<void> {
    const key = `${seq} ${limit}`;
    const page = this.#pages.get(key) ?? this.#options.calls.history(seq, limit);
    this.#pages.set(key, page);
    const result = await page.then(accept).catch(() => ROOM_AWAY);
    if (this.#pages.get(key) === page) this.#pages.delete(key);
    onPage(result);
    this.#options.onChange();
  }

  async #search({ query, before, limit, isWanted, onResult }: Search): Promise<void> {
    const answer = await this.#options.calls.search({ query, before, limit }).catch(() => null);
    if (!isWanted()) return;
    onResult(answer?.result ?? ROOM_AWAY, answer?.looked ?? 0);
    this.#options.onChange();
  }
}

/** Error of a call that needs a room which cannot be reached. */
const ROOM_AWAY: Result<never> = reject(
  "rate_limited",
  "the room is not available: try again in a second",
  1_000,
);

/** A relay stores no rules. */
const NO_STORE = { exec: () => [], transaction: <T>(work: () => T) => work() };

function committed({ line, id, isPlain }: Delivery["entries"][number]): Committed {
  // The room made the line from an event.
  const event: RoomEvent = JSON.parse(line);
  return { event: id === undefined ? event : { ...event, id }, line, isPlain: isPlain === true };
}

function asCommitted(event: RoomEvent): Committed {
  return { event, line: JSON.stringify(withoutId(event)), isPlain: false };
}
