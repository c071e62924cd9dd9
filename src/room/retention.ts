/**
 * Retention: hides events from readers once they are too old, deletes them later, and ends a room that is kept until
 * all users have left.
 */
import { DAY_MS, keptDays, PRESENCE_GRACE_MS } from "../protocol/index.ts";
import type { RoomConfig } from "./config.ts";
import type { Log } from "./log.ts";
import type { Report } from "./report.ts";
import type { Rules } from "./rules.ts";
import { type Store, writeMeta } from "./store.ts";

/** Shortest time between two deletions, so that they wake a room seldom: this, or this part of the limit if longer. */
const MIN_INTERVAL_MS = 10 * 60_000;
const INTERVALS_PER_LIMIT = 144;

/** Kept is the stored state of retention, as JSON in one row. */
interface Kept {
  /** Time of the last look at the clock, Unix ms, and the seq up to which events were too old, in this epoch. */
  readonly look?: { readonly at: number; readonly seq: number; readonly epoch: string } | undefined;
  /** Time when the last user left a room that is kept until then, Unix ms. */
  readonly leftAt?: number | undefined;
}

export interface RetentionOptions {
  readonly store: Store;
  readonly log: Log;
  readonly rules: Rules;
  readonly config: RoomConfig;
  readonly report: Report;
}

/**
 * Retention has no clock: times are arguments, Unix ms. An event is hidden as soon as it is too old by the clock. It is
 * deleted if it is still too old at a second look, an interval later. So a clock that is ahead for a moment deletes
 * nothing.
 */
export class Retention {
  readonly #options: RetentionOptions;
  #kept: Kept = {};
  /** Age at which events are hidden, ms; `null`: no limit. */
  #limitMs: number | null = null;
  /** Epoch of the log in which events are hidden. An import brings old events. */
  #epoch = "";
  /** The time of the last call, Unix ms. */
  #now = Number.NEGATIVE_INFINITY;
  /** Time when the next event is too old, Unix ms. */
  #nextAt = Number.NEGATIVE_INFINITY;
  /** Time when the hidden events were found, Unix ms. */
  #hiddenAt = Number.NEGATIVE_INFINITY;
  /** Time of the next attempt after a failure, Unix ms. */
  #retryAt = Number.NEGATIVE_INFINITY;
  #isDeleting = false;
  #isOver = false;
  /** The grace period after the last user left has ended, but files are still to be deleted. */
  #awaitsFiles = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#load();
  }

  /** Whether a batch of events is waiting to be deleted. */
  get isDue(): boolean {
    return this.#isDeleting;
  }

  /** Whether all users have left and the grace period has ended: the room must be deleted. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Time when the room must be awake, Unix ms, or `null`. It changes only with the room, not with the clock. */
  get wakeAt(): number | null {
    const times = [this.#forgetAt, this.#pruneAt].filter((at) => at !== null);
    return times.length === 0 ? null : Math.max(Math.min(...times), this.#retryAt);
  }

  /** Hides the events that are too old at `now` from readers. Call it before each read. */
  hide(now: number): void {
    const { log, rules, config } = this.#options;
    const days = keptDays(rules.settings.retention, config.historyDays || undefined);
    const limitMs = days === null ? null : days * DAY_MS;
    if (limitMs !== this.#limitMs || log.epoch !== this.#epoch || now < this.#now) {
      log.unhide();
      this.#limitMs = limitMs;
      this.#epoch = log.epoch;
      this.#nextAt = Number.NEGATIVE_INFINITY;
      this.#retryAt = Number.NEGATIVE_INFINITY;
    }
    this.#now = now;
    if (limitMs === null || now < this.#nextAt) return;
    if (log.hidden === 0) this.#hiddenAt = now;
    this.#nextAt = (log.hide(now - limitMs, now) ?? now) + limitMs;
  }

  /**
   * Does what is due: deletes a batch of events, or records that all users have left.
   *
   * @param online - number of users in the room
   */
  step(now: number, online: number): void {
    const { log, rules, report } = this.#options;
    this.hide(now);
    if (log.isEmpty || now < this.#retryAt) return;
    try {
      this.#watchPresence(now, online);
      this.#prune(now);
    } catch (error) {
      report("pruning failed", error);
      this.#load();
      rules.load(!log.isEmpty);
      this.#isDeleting = false;
      this.#retryAt = now + MIN_INTERVAL_MS;
    }
  }

  get #intervalMs(): number {
    return Math.max(MIN_INTERVAL_MS, (this.#limitMs ?? 0) / INTERVALS_PER_LIMIT);
  }

  get #forgetAt(): number | null {
    const { leftAt } = this.#kept;
    return leftAt === undefined || this.#awaitsFiles ? null : leftAt + PRESENCE_GRACE_MS;
  }

  get #pruneAt(): number | null {
    const { log } = this.#options;
    if (this.#limitMs === null || (log.isClear && log.hidden === 0)) return null;
    const nextLookAt = (this.#look?.at ?? Number.NEGATIVE_INFINITY) + this.#intervalMs;
    return Math.max(log.hidden > 0 ? this.#hiddenAt : this.#nextAt, nextLookAt);
  }

  /** The last look at this log. A look at a time after `#now` is ignored: the clock was ahead. */
  get #look(): NonNullable<Kept["look"]> | undefined {
    const { look } = this.#kept;
    return look?.epoch === this.#options.log.epoch && look.at <= this.#now ? look : undefined;
  }

  #prune(now: number): void {
    const { log, rules } = this.#options;
    // A look at a clock that was ahead must not count later.
    if (this.#kept.look !== undefined && this.#look === undefined)
      this.#save({ ...this.#kept, look: undefined });
    const look = this.#look;
    const isTime = look === undefined || now >= look.at + this.#intervalMs;
    this.#isDeleting = false;
    if (log.hidden === 0 || !isTime) return;
    this.#isDeleting = log.transaction(() => {
      const more = look !== undefined && log.deleteHidden(look.seq);
      if (!more) this.#save({ ...this.#kept, look: { at: now, seq: log.hidden, epoch: log.epoch } });
      const { pinned } = rules.settings;
      if (pinned !== undefined && log.find(pinned) === null) rules.setPinned(null);
      return more;
    });
  }

  #watchPresence(now: number, online: number): void {
    const isLeft = this.#options.rules.settings.retention === "presence" && online === 0;
    const { leftAt } = this.#kept;
    // A time in the future comes from a clock that was ahead.
    const since = isLeft ? (leftAt !== undefined && leftAt <= now ? leftAt : now) : undefined;
    if (since !== leftAt) this.#save({ ...this.#kept, leftAt: since });
    const isPast = since !== undefined && since + PRESENCE_GRACE_MS <= now;
    this.#awaitsFiles = isPast && this.#hasFiles();
    this.#isOver = isPast && !this.#awaitsFiles;
  }

  /** Marks the files of all messages for deletion, and returns whether some are not deleted yet. */
  #hasFiles(): boolean {
    const { log } = this.#options;
    const { files } = log;
    if (files === null) return false;
    log.transaction(() => files.dropUpTo(log.head));
    return files.hasGone;
  }

  #load(): void {
    const { store, log } = this.#options;
    this.#kept = {};
    if (log.isEmpty) return;
    for (const { value } of store.exec("SELECT value FROM meta WHERE key = 'retention'"))
      this.#kept = JSON.parse(String(value));
  }

  #save(kept: Kept): void {
    writeMeta(this.#options.store, "retention", JSON.stringify(kept));
    this.#kept = kept;
  }
}
