/** Relays: the other objects that serve connections of a room, which of them a new connection joins, and their links. */
import { MAX_RESUME_EVENTS, type RoomEvent } from "../protocol/index.ts";
import type { Audience } from "./audience.ts";
import type { RoomConfig } from "./config.ts";
import { type Elsewhere, NOTHING_HERE, sumElsewhere } from "./elsewhere.ts";
import type {
  Acquaintance,
  AttachAnswer,
  AttachRequest,
  FeedState,
  RelayCalls,
  RelayCommand,
  RelaySink,
} from "./feed.ts";
import type { RoomSecrets } from "./identity.ts";
import { KnownRelay } from "./known-relay.ts";
import type { Log } from "./log.ts";
import type { Rules } from "./rules.ts";
import type { Committed, Submission } from "./sequencer.ts";

/** Length of the events with which a relay starts, in UTF-16 units. */
const MAX_WINDOW_LENGTH = 2_000_000;
/** Relays that one room has at most. */
const MAX_RELAYS = 200;
/**
 * A room with this many times the connections that it serves itself leaves all of them to its relays: the frames to its
 * own would take most of its time.
 */
const LARGE_FACTOR = 3;
/** Time for which a room stays small before its relays are drained. */
const SMALL_FOR_MS = 60_000;
/** Time that a question to all relays may take. */
const ASK_TIMEOUT_MS = 2_000;

/** RelaysOptions connect the relays to their room. */
export interface RelaysOptions {
  readonly log: Log;
  readonly rules: Rules;
  readonly config: Pick<RoomConfig, "relayAfter" | "relaySize">;
  readonly calls: (relay: string) => RelayCalls;
  /** Names of the relays that were saved. */
  readonly saved: readonly string[];
  /**
   * Saves the names of the relays, and the room's secrets while the log does not store them: a room whose connections are
   * all in relays has no socket that keeps them.
   */
  readonly save: (relays: readonly string[], secrets: RoomSecrets | null) => void;
  /** Called when there is something to do outside of a step. */
  readonly onChange: () => void;
}

export class Relays {
  readonly #options: RelaysOptions;
  readonly #audience: Audience;
  readonly #known = new Map<string, KnownRelay>();
  #isDraining = false;
  /** Time since when all connections would fit into the room itself, Unix ms, or `null`. */
  #smallSince: number | null = null;

  constructor(options: RelaysOptions, audience: Audience) {
    this.#options = options;
    this.#audience = audience;
    // What was committed before this object began may not have reached them.
    for (const name of options.saved) this.#add(name).fallBehind();
  }

  /** Whether the room has relays. */
  get exist(): boolean {
    return this.#known.size > 0;
  }

  /** Whether events may exist that a relay was not sent. */
  get isBehind(): boolean {
    for (const { isBehind } of this.#known.values()) if (isBehind) return true;
    return false;
  }

  /** Connections of the relay that has most. */
  get largest(): number {
    return Math.max(0, ...this.#parts.map(({ connections }) => connections));
  }

  /** Connections in relays. */
  get size(): number {
    let size = 0;
    for (const { here } of this.#known.values()) size += here.connections;
    return size;
  }

  /** Whether the relays shall take the connections of the room itself, too. */
  get takeAll(): boolean {
    const { relayAfter } = this.#options.config;
    if (relayAfter === 0 || !this.exist || this.#isDraining) return false;
    return this.#audience.size + this.size >= LARGE_FACTOR * relayAfter;
  }

  /**
   * Returns the names of the relays that a new connection from a region may join, or `null` if it joins the room itself.
   *
   * @param now - Unix ms
   */
  place(region: string, now: number): string[] | null {
    const { relayAfter } = this.#options.config;
    if (relayAfter === 0) return null;
    const isSpread = this.exist && !this.#isDraining;
    if (!isSpread && this.#audience.size < relayAfter) return null;
    this.#isDraining = false;
    this.#smallSince = null;
    const open = this.#openIn(region);
    if (open.length > 0) return open;
    if (this.#known.size >= MAX_RELAYS) return this.#openIn(null);
    const numbers = [...this.#known.keys()].flatMap((name) => numberIn(region, name) ?? []);
    const name = `${region}-${Math.max(-1, ...numbers) + 1}`;
    this.#add(name).report(NOTHING_HERE, now);
    this.#save();
    return this.#openIn(region);
  }

  /** Begins a session with a relay. `now` is Unix ms. */
  attach(
    { relay, secrets, has, here }: AttachRequest,
    sink: RelaySink,
    session: string,
    now: number,
  ): AttachAnswer {
    const { log, rules } = this.#options;
    if (secrets !== null) log.adoptSecrets(secrets);
    // An empty log gets its epoch now.
    const { secrets: own } = log;
    const isNew = !this.#known.has(relay);
    const known = this.#add(relay);
    if (isNew) this.#save();
    this.#takeReport(known, here, now);
    known.catchUp();
    const isContinued =
      has !== null &&
      has.epoch === log.epoch &&
      has.seq >= log.pruned &&
      has.seq <= log.head &&
      log.head - has.seq <= MAX_RESUME_EVENTS;
    const answer: AttachAnswer = {
      session,
      secrets: own,
      state: this.#state,
      elsewhere: this.#elsewhere()(known),
      rules: rules.snapshot(),
      events: isContinued ? eventsAfter(log, has.seq) : newestEvents(log),
      isContinued,
    };
    known.link.attach(sink, answer, rules.version, now);
    return answer;
  }

  /**
   * Takes commands of a relay.
   *
   * @returns the commands as submissions, or `null` if the session has ended
   */
  submissions(relay: string, session: string, commands: readonly RelayCommand[]): Submission[] | null {
    const link = this.#known.get(relay)?.link;
    if (link === undefined || !link.isSession(session)) return null;
    return commands.map(({ ref, user, name, ...command }) => ({
      ...command,
      author: () => ({ user, name }),
      onResult: (result) => link.addResult(session, { ref, result }),
    }));
  }

  /** Takes a change of what a relay has. `now` is Unix ms. */
  report(relay: string, here: Elsewhere, now: number): void {
    const isNew = !this.#known.has(relay);
    const known = this.#add(relay);
    this.#takeReport(known, here, now);
    if (!isNew) return;
    // It may lack what was committed since it was forgotten.
    known.fallBehind();
    this.#save();
  }

  /** Ends all sessions: the room is deleted. */
  close(): void {
    for (const { link } of this.#known.values()) link.detach();
    this.#known.clear();
  }

  /** Sends the relays what was committed and what has changed. `now` is Unix ms. */
  publish(batch: readonly Committed[], now: number): void {
    if (!this.exist) return;
    const entries = batch.map(({ event, line, isPlain }) => ({
      line,
      ...(event.id !== undefined && { id: event.id }),
      ...(isPlain && { isPlain: true as const }),
    }));
    const { rules, calls } = this.#options;
    this.#updateDraining(now);
    const [state, elsewhere] = [this.#state, this.#elsewhere()];
    for (const [name, known] of this.#known) {
      const { link } = known;
      // Before it is called: it would attach again.
      if (known.isUnused(now)) {
        this.#forget(name, known);
        continue;
      }
      if (entries.length > 0) {
        link.addEntries(entries);
        if (!link.isAttached) known.fallBehind();
      }
      link.flush({ state, elsewhere: elsewhere(known), rules }, now);
      // Moving connections needs a relay that listens.
      if (link.takeLost() || (this.#isDraining && known.isResting)) known.fallBehind();
      known.callIfBehind(() => calls(name), now);
    }
  }

  /** Time when `publish` has something to do, Unix ms, or `null`. */
  get dueAt(): number | null {
    if (!this.exist) return null;
    let due = Number.POSITIVE_INFINITY;
    const [state, elsewhere] = [this.#state, this.#elsewhere()];
    for (const known of this.#known.values())
      due = Math.min(due, known.dueAt({ state, elsewhere: elsewhere(known) }) ?? due);
    if (this.#smallSince !== null && !this.#isDraining) due = Math.min(due, this.#smallSince + SMALL_FOR_MS);
    return Number.isFinite(due) ? due : null;
  }

  /** Asks all relays that have connections. An answer that takes too long is left out. */
  async ask<T>(question: (calls: RelayCalls) => Promise<T>): Promise<T[]> {
    const answers = Array.from(this.#known, async ([name, { here }]): Promise<T[]> => {
      if (here.connections === 0) return [];
      const late = new Promise<T[]>((resolve) => setTimeout(() => resolve([]), ASK_TIMEOUT_MS));
      return Promise.race([question(this.#options.calls(name)).then((answer) => [answer]), late]).catch(
        () => [],
      );
    });
    return (await Promise.all(answers)).flat();
  }

  #add(name: string): KnownRelay {
    const known = this.#known.get(name) ?? new KnownRelay(this.#options.onChange);
    this.#known.set(name, known);
    return known;
  }

  #save(): void {
    const { log, save } = this.#options;
    save([...this.#known.keys()], this.exist && log.isEmpty ? log.secrets : null);
  }

  /** Names of the relays of a region, `null` for all, that are not full. */
  #openIn(region: string | null): string[] {
    const open: string[] = [];
    for (const [name, { here }] of this.#known) {
      const isNear = region === null || numberIn(region, name) !== null;
      if (isNear && here.connections < this.#options.config.relaySize) open.push(name);
    }
    return open;
  }

  #takeReport(known: KnownRelay, here: Elsewhere, now: number): void {
    const isChanged = known.report(here, now);
    const all = sumElsewhere(this.#parts);
    this.#audience.elsewhere = all;
    if (!isChanged || all.members === null) return;
    // Users of a small room see each other come and go, so resting relays are called. In a large room they wait for the
    // next event.
    for (const other of this.#known.values()) if (other !== known && other.isResting) other.fallBehind();
  }

  /** What each relay has. */
  get #parts(): Elsewhere[] {
    return Array.from(this.#known.values(), ({ here }) => here);
  }

  /** What every relay must know beside the events. */
  get #state(): FeedState {
    const { log } = this.#options;
    return {
      epoch: log.epoch,
      isStored: log.unsavedSecrets === null && !log.isEmpty,
      head: log.head,
      pruned: log.pruned,
      oldestMessage: log.oldestMessage,
      isDraining: this.#isDraining,
    };
  }

  /** Returns a function that returns the connections outside of a relay. */
  #elsewhere(): (relay: KnownRelay) => Elsewhere {
    const parts = [this.#audience.here, ...this.#parts];
    const all = sumElsewhere(parts);
    return ({ here }) => {
      // Where users are listed, a user with connections in two objects counts once.
      if (all.members !== null || here.waiting.length > 0)
        return sumElsewhere(parts.filter((part) => part !== here));
      const { connections, online } = all;
      return { ...all, connections: connections - here.connections, online: online - here.online };
    };
  }

  /** Begins to drain the relays if the room has been small for long, and stops once they are gone. */
  #updateDraining(now: number): void {
    const { relayAfter } = this.#options.config;
    const isSmall = relayAfter > 0 && this.#audience.size + this.size < relayAfter / 2;
    if (!isSmall) {
      this.#smallSince = null;
      return;
    }
    this.#smallSince ??= now;
    if (now >= this.#smallSince + SMALL_FOR_MS) this.#isDraining = true;
  }

  #forget(name: string, { link }: KnownRelay): void {
    link.detach();
    this.#known.delete(name);
    if (!this.exist) this.#isDraining = false;
    this.#save();
  }
}

/** Returns the number of a relay of this region, or `null` if it is of another. */
function numberIn(region: string, name: string): number | null {
  const [, of, number] = /^(.*)-(\d+)$/.exec(name) ?? [];
  return of === region ? Number(number) : null;
}

function eventsAfter(log: Log, seq: number): RoomEvent[] {
  return log.after(seq, MAX_RESUME_EVENTS).events;
}

/** Returns the newest events, as many as a client may resume over, fewer if they are long. */
function newestEvents(log: Log): RoomEvent[] {
  const from = Math.max(log.pruned, log.head - MAX_RESUME_EVENTS);
  const events = eventsAfter(log, from);
  let length = 0;
  const first = events.findLastIndex((event) => {
    length += JSON.stringify(event).length;
    return length > MAX_WINDOW_LENGTH;
  });
  return events.slice(first + 1);
}

/** Returns what all objects together know of a user. */
export function mergeAcquaintances(parts: readonly Acquaintance[]): Acquaintance {
  const name = parts.find((part) => part.name !== undefined)?.name;
  return { name, networks: [...new Set(parts.flatMap(({ networks }) => networks))] };
}
