/** Relay link: the session of a room with one relay, and what waits to be delivered in it. */
import { type Elsewhere, isSameElsewhere } from "./elsewhere.ts";
import type { AttachAnswer, Delivery, FeedEntry, FeedResult, FeedState, RelaySink } from "./feed.ts";
import type { Rules } from "./rules.ts";

/** Length of the lines that may wait for a relay, in UTF-16 units. Beyond it the relay reads them from the log. */
const MAX_WAITING_LENGTH = 4_000_000;
const MAX_WAITING_ENTRIES = 5_000;
/** Time for a delivery, after which the relay is taken to be gone. */
const DELIVERY_TIMEOUT_MS = 10_000;
/** Shortest time between two deliveries that only say what has changed elsewhere. */
const STATE_INTERVAL_MS = 1_000;
/** Time without a delivery after which a session ends, so that both objects may hibernate. */
const RELEASE_AFTER_MS = 5_000;

/** What waits for the next delivery. */
interface Waiting {
  entries: FeedEntry[];
  length: number;
  results: FeedResult[];
}

/** Current is what a relay must know now. */
export interface Current {
  readonly state: FeedState;
  readonly elsewhere: Elsewhere;
  readonly rules: Pick<Rules, "version" | "snapshot">;
}

/** Session is an attachment of a relay. */
interface Session {
  readonly id: string;
  readonly sink: RelaySink;
  number: number;
  waiting: Waiting;
  /** The last state that the relay was sent, and the connections elsewhere. */
  state: FeedState;
  elsewhere: Elsewhere;
  rulesVersion: number;
  /** Unix ms. */
  deliveredAt: number;
  isDelivering: boolean;
  isEnding: boolean;
}

/** RelayLinkOptions connect a link to its room. */
export interface RelayLinkOptions {
  /** Called when the relay took a delivery, or did not. */
  readonly onChange: () => void;
}

export class RelayLink {
  readonly #onChange: () => void;
  #session: Session | null = null;
  /** A session ended before everything in it was delivered. */
  #isLost = false;

  constructor({ onChange }: RelayLinkOptions) {
    this.#onChange = onChange;
  }

  /** Whether deliveries reach the relay. */
  get isAttached(): boolean {
    return this.#session !== null && !this.#session.isEnding;
  }

  /** Begins a session, and ends the one before. `now` is Unix ms. */
  attach(sink: RelaySink, answer: AttachAnswer, rulesVersion: number, now: number): void {
    const { session: id, state, elsewhere } = answer;
    this.detach();
    this.#isLost = false;
    const waiting = nothingWaiting();
    this.#session = {
      ...{ id, sink, number: 0, waiting, state, elsewhere, rulesVersion },
      ...{ deliveredAt: now, isDelivering: false, isEnding: false },
    };
  }

  /** Whether a session broke since the last call: the relay may lack events. */
  takeLost(): boolean {
    const isLost = this.#isLost;
    this.#isLost = false;
    return isLost;
  }

  /** Ends a session that has failed. What was not delivered is lost: the relay reads it when it attaches. */
  #break(): void {
    this.#isLost = true;
    this.detach();
  }

  /** Ends the session. */
  detach(): void {
    const sink = this.#session?.sink;
    this.#session = null;
    sink?.[Symbol.dispose]?.();
  }

  /** Whether this session is the current one. */
  isSession(id: string): boolean {
    return this.isAttached && this.#session?.id === id;
  }

  /** Adds the result of a command of this session. */
  addResult(id: string, result: FeedResult): void {
    if (this.#session?.id === id) this.#session.waiting.results.push(result);
  }

  /** Adds committed events. */
  addEntries(entries: readonly FeedEntry[]): void {
    const session = this.#session;
    if (session === null || session.isEnding) return;
    const { waiting } = session;
    waiting.entries.push(...entries);
    for (const { line } of entries) waiting.length += line.length;
    if (waiting.entries.length > MAX_WAITING_ENTRIES || waiting.length > MAX_WAITING_LENGTH) this.#break();
  }

  /** Delivers what waits and what has changed, if nothing is under way. `now` is Unix ms. */
  flush({ state, elsewhere, rules }: Current, now: number): void {
    const session = this.#session;
    if (session === null) return;
    if (session.isDelivering) {
      if (now >= session.deliveredAt + DELIVERY_TIMEOUT_MS) this.#break();
      return;
    }
    const { entries, results } = session.waiting;
    const hasNews = entries.length > 0 || results.length > 0 || rules.version !== session.rulesVersion;
    const mayTell = now >= session.deliveredAt + STATE_INTERVAL_MS;
    const isChanged = this.#isChanged(session, state, elsewhere);
    if (!hasNews && !(mayTell && isChanged)) {
      if (now >= session.deliveredAt + RELEASE_AFTER_MS) this.#deliver(session, { isLast: true }, state, now);
      return;
    }
    const changed = {
      ...(!isSameElsewhere(elsewhere, session.elsewhere) && { elsewhere }),
      ...(rules.version !== session.rulesVersion && { rules: rules.snapshot() }),
    };
    session.rulesVersion = rules.version;
    session.elsewhere = elsewhere;
    this.#deliver(session, changed, state, now);
  }

  /** Time when `flush` has something to do, Unix ms, or `null`. */
  dueAt({ state, elsewhere }: Omit<Current, "rules">): number | null {
    const session = this.#session;
    if (session === null || session.isEnding) return null;
    const { deliveredAt, isDelivering } = session;
    if (isDelivering) return deliveredAt + DELIVERY_TIMEOUT_MS;
    return deliveredAt + (this.#isChanged(session, state, elsewhere) ? STATE_INTERVAL_MS : RELEASE_AFTER_MS);
  }

  #isChanged(session: Session, state: FeedState, elsewhere: Elsewhere): boolean {
    return !isSame(state, session.state) || !isSameElsewhere(elsewhere, session.elsewhere);
  }

  #deliver(
    session: Session,
    more: Pick<Delivery, "elsewhere" | "rules" | "isLast">,
    state: FeedState,
    now: number,
  ): void {
    const { entries, results } = session.waiting;
    session.number += 1;
    const { id, number } = session;
    const prev = session.state.head;
    session.waiting = nothingWaiting();
    session.state = state;
    session.deliveredAt = now;
    session.isDelivering = true;
    session.isEnding = more.isLast === true;
    const done = (isTaken: boolean) => {
      session.isDelivering = false;
      if (this.#session !== session) return;
      if (!isTaken) this.#break();
      else if (session.isEnding) this.detach();
      this.#onChange();
    };
    session.sink.deliver({ session: id, number, prev, entries, results, state, ...more }).then(
      () => done(true),
      () => done(false),
    );
  }
}

function nothingWaiting(): Waiting {
  return { entries: [], length: 0, results: [] };
}

function isSame(a: FeedState, b: FeedState): boolean {
  return (
    a.epoch === b.epoch &&
    a.isStored === b.isStored &&
    a.head === b.head &&
    a.pruned === b.pruned &&
    a.oldestMessage === b.oldestMessage &&
    a.isDraining === b.isDraining
  );
}
