/**
 * Relay: the audience of a part of a room's connections. It has the events from the room's deliveries, and sends the
 * commands of its connections to the room. It knows no runtime: calls and times are passed in.
 */
import { CloseCode, DAY_MS, keptDays, type RoomEvent } from "../protocol/index.ts";
import { Audience } from "../room/audience.ts";
import type { RoomConfig } from "../room/config.ts";
import type { Connection } from "../room/connection.ts";
import { EntryCheck } from "../room/entry-check.ts";
import type { Delivery, Position, RelaySink, RoomCalls } from "../room/feed.ts";
import type { FileLookup } from "../room/message-files.ts";
import { Moving } from "../room/moving.ts";
import { Pacing } from "../room/pacing.ts";
import type { Report } from "../room/report.ts";
import { Rules } from "../room/rules.ts";
import { type Committed, MAX_FAN_OUT_LENGTH } from "../room/sequencer.ts";
import { CatchUps } from "./catch-ups.ts";
import { asCommitted, Inbox } from "./inbox.ts";
import { Mirror } from "./mirror.ts";
import { Outgoing } from "./outgoing.ts";
import { Reads } from "./reads.ts";
import { Reports } from "./reports.ts";
import { type Attempt, Session } from "./session.ts";

/** Frames that may wait until the relay knows its room. */
const MAX_HELD = 10_000;

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

export class Relay {
  readonly audience: Audience;
  readonly pacing = new Pacing();
  readonly #options: RelayOptions;
  readonly #mirror: Mirror;
  readonly #rules = new Rules(NO_STORE, undefined);
  readonly #outgoing: Outgoing;
  readonly #catchUps: CatchUps;
  readonly #session: Session;
  readonly #inbox = new Inbox();
  readonly #reads: Reads;
  readonly #reports: Reports;
  /** What `save` saved last. */
  #saved: Position | null;
  #held: (readonly [Connection, string | ArrayBuffer])[] = [];
  #isDraining = false;
  readonly #moving = new Moving();

  constructor(options: RelayOptions) {
    const { room, config, report, files, calls, name, exported, onChange, now } = options;
    this.#options = options;
    this.#saved = options.saved;
    this.#reads = new Reads(calls, onChange);
    this.#reports = new Reports(config.relaySize);
    this.#session = new Session({
      ...{ exported, onChange, now },
      attempt: () => this.#attempt(),
      onDelivery: (delivery) => this.deliver(delivery),
      onDropped: () => this.lose(),
      onFailed: (error) => report("the room could not be reached", error),
    });
    this.#mirror = new Mirror(() => this.audience.first);
    this.#outgoing = new Outgoing({
      submit: (session, commands) => calls.submit(name, session, commands),
      onTaken: onChange,
      onEnded: (session) => {
        if (this.#session.id === session) this.lose();
        else onChange();
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
      onChange,
    });
    this.audience = new Audience({
      ...{ room, config, report, files, log: this.#mirror, rules: this.#rules },
      check: new EntryCheck(this.#rules),
      retention: { hide: (now) => this.#hide(now) },
      submit: (submission) => this.#outgoing.add(submission),
      search: (search) => void this.#reads.search(search),
      history: (seq, limit, onPage) => void this.#reads.history(seq, limit, onPage),
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
    return this.#session.id === null && !this.#session.isAttaching && this.dueAt === null;
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
    return this.#session.attach();
  }

  /**
   * Begins a session if there is none, or only one that has ended.
   *
   * @returns the session
   */
  async wake(ended: string | null): Promise<string | null> {
    if (ended !== null && this.#session.id === ended) this.lose();
    await this.#session.attach();
    return this.#session.id;
  }

  /** Handles a frame. Until the room is known, frames wait. */
  receive(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    if (this.isReady) this.audience.receive(connection, frame, now);
    else if (this.#held.length < MAX_HELD) this.#held.push([connection, frame]);
    else this.audience.disconnect(connection, CloseCode.Moved);
  }

  /** Takes a delivery. Throws if one before it is missing. */
  deliver(delivery: Delivery): void {
    if (!this.#session.isNew(delivery)) return;
    if (delivery.prev !== this.#inbox.position?.seq || !this.#session.takeNumber(delivery)) {
      this.lose();
      throw new Error("a delivery is missing");
    }
    if (!this.#inbox.addDelivery(delivery)) {
      this.#inbox.forget(this.#mirror.position);
      this.lose();
      throw new Error("the relay is too slow");
    }
    if (delivery.isLast) this.#session.release();
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
    if (!this.#inbox.isEmpty || this.#catchUps.isDue(this.#mirror.head)) return 0;
    const due = [this.audience.dueAt, this.#outgoing.dueAt, this.#catchUps.dueAt];
    if (this.#needsRoom) due.push(this.#session.retryAt);
    else if (this.#session.id !== null && this.#outgoing.isDue) due.push(0);
    if (this.#mayReport) due.push(this.#reports.dueAt(this.audience.here));
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
    const { id, retryAt } = this.#session;
    if (id !== null) this.#outgoing.send(id, now);
    else if (this.#needsRoom && retryAt !== null && now >= retryAt) this.attach().catch(() => {});
    this.#report(now);
    this.#save();
  }

  #lose(): void {
    this.#session.lose();
    this.#outgoing.lose(this.#inbox.answered);
  }

  /** Whether it has no session, and something that needs one. */
  get #needsRoom(): boolean {
    if (this.#session.id !== null) return false;
    if (this.#outgoing.hasWaiting || this.#catchUps.hasWaiting) return true;
    return this.audience.size > 0 && !this.#session.isReleased;
  }

  /** Begins an attempt to attach, from where the relay has the log. */
  #attempt(): Attempt {
    const { name, calls } = this.#options;
    const { here } = this.audience;
    const { isKnown, unsavedSecrets, adopted } = this.#mirror;
    const has = isKnown ? this.#inbox.position : null;
    const caughtUp = this.#catchUps.asking();
    return {
      ask: (sink) =>
        calls.attach({ relay: name, secrets: isKnown ? unsavedSecrets : adopted, has, here }, sink),
      onAttached: (answer) => {
        this.#reports.attached(here);
        this.#inbox.addAttached(answer, this.#mirror.position);
        caughtUp(answer.state.head);
      },
    };
  }

  /** Applies what was taken, as much as one flush may send. Returns its events. */
  #takeBatch(): Committed[] {
    const batch: Committed[] = [];
    for (const taken of this.#inbox.take(MAX_FAN_OUT_LENGTH / Math.max(1, this.audience.size))) {
      const { entries, results, state, elsewhere, rules, newest } = taken;
      const before = this.#mirror.position ?? this.#saved;
      this.#outgoing.answer(results);
      if (rules !== undefined) this.#rules.adopt(rules);
      this.#mirror.update(state, newest?.secrets);
      if (elsewhere !== undefined) this.audience.elsewhere = elsewhere;
      this.#isDraining = state.isDraining;
      const added = newest === undefined ? entries : this.#continueWith(newest.events, before);
      this.#outgoing.answerEvents(added.map(({ event }) => event));
      batch.push(...added);
    }
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

  /** An attach is a report too. */
  get #mayReport(): boolean {
    return this.isReady && !this.#session.isAttaching;
  }

  /** Reports to the room what has changed of the connections. */
  #report(now: number): void {
    const { calls, name } = this.#options;
    const { here } = this.audience;
    // If it fails, the next session begins with a report.
    if (this.#mayReport && this.#reports.take(here, now)) calls.report(name, here).catch(() => {});
  }

  /** Saves up to where the connections have the log, before a hibernation. While it changes, nothing is saved. */
  #save(): void {
    // Without connections there is nothing to remember, and while commands wait they would be lost unnoticed.
    const isQuiet =
      this.audience.size > 0 &&
      this.#session.isReleased &&
      this.#session.id === null &&
      this.#inbox.isEmpty &&
      this.#outgoing.isEmpty &&
      !this.#catchUps.hasWaiting &&
      !this.pacing.isDraining;
    const position = isQuiet ? this.#inbox.position : null;
    if (!this.isReady || (position?.seq === this.#saved?.seq && position?.epoch === this.#saved?.epoch))
      return;
    this.#saved = position;
    this.#options.save(position);
  }
}

/** A relay stores no rules. */
const NO_STORE = { exec: () => [], transaction: <T>(work: () => T) => work() };
