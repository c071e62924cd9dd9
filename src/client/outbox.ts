/** Outbox: the commands that are not settled yet, in the order in which they are sent. */
import type { CommandError } from "../protocol/errors.ts";
import type { LogCommand } from "../protocol/events.ts";
import { utf8Length } from "../protocol/frame.ts";
import { retryDelay } from "./chat-error.ts";
import { FramePacing } from "./frame-pacing.ts";
import {
  afterDisconnect,
  afterRejoin,
  type Entry,
  failed,
  inNewLog,
  isForgotten,
  isUnanswered,
  newEntry,
  type OwnEvents,
  UNCONFIRMED,
  unsent,
} from "./outbox-entry.ts";

/** CommandResult is how a command was settled: stored as the event `seq`, or failed. */
export type CommandResult =
  | { readonly id: string; readonly seq: number }
  | { readonly id: string; readonly error: CommandError; readonly command: LogCommand };

/** FrameContext is the state of the client when a frame is sent. */
export interface FrameContext {
  /** Unix ms. */
  readonly now: number;
  /** Head of the log as known. */
  readonly head: number;
  /** Bytes that a frame may have. */
  readonly frameBytes: number;
}

const TOO_LONG: CommandError = { code: "too_long", message: "the command is over the size of a frame" };

/** Outbox is a state machine without clock or socket: times are arguments, results are return values. */
export class Outbox {
  /** By id, in the order of sending. */
  readonly #entries: Map<string, Entry>;
  /** Ids of stored commands whose event has not arrived, by the seq of that event. */
  readonly #awaited = new Map<number, string>();
  /** Epoch of the log that the commands were written for; `null` before the first `welcome`. */
  #epoch: string | null;
  readonly #keepsFailed: boolean;
  readonly #pacing = new FramePacing();
  #snapshot: readonly Entry[] | null = null;
  #revision = 0;

  /** @param keepsFailed - whether failed commands stay until they are retried or discarded */
  constructor(entries: readonly Entry[] = [], epoch: string | null = null, keepsFailed = true) {
    this.#keepsFailed = keepsFailed;
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]));
    this.#epoch = epoch;
  }

  get epoch(): string | null {
    return this.#epoch;
  }

  /** The entries in order; the same array until one changes. */
  get entries(): readonly Entry[] {
    this.#snapshot ??= [...this.#entries.values()];
    return this.#snapshot;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Counts the changes of `entries`, so that a change is seen without building the array. */
  get revision(): number {
    return this.#revision;
  }

  /** Ids of stored commands whose event has not arrived, by the seq of that event. */
  get awaited(): ReadonlyMap<number, string> {
    return this.#awaited;
  }

  /** Whether a command is queued or not answered. */
  get isPending(): boolean {
    return this.#firstPending() !== undefined;
  }

  /** When the frame was sent that is not fully answered, Unix ms, or `null`. */
  get sentAt(): number | null {
    return this.#pacing.sentAt;
  }

  /** When the next frame is due, Unix ms; `null` if there is none, or the last one is not answered. */
  get dueAt(): number | null {
    const next = this.#firstQueued();
    return next === undefined ? null : this.#pacing.dueAt(next.retryAt);
  }

  /** Adds a command at the end, unless one with its id is there that has not failed. `at` is Unix ms. */
  add(command: LogCommand, at: number): void {
    const known = this.#entries.get(command.id);
    if (known !== undefined && known.status !== "failed") return;
    this.#entries.delete(command.id);
    this.#set(newEntry(command, at));
  }

  /** Returns the lines of the next frame if one is due. They count as sent. */
  takeFrame({ now, head, frameBytes }: FrameContext): { lines: string[]; results: CommandResult[] } {
    const lines: string[] = [];
    const results: CommandResult[] = [];
    const due = this.dueAt;
    if (due === null || due > now) return { lines, results };
    const { maxCommands } = this.#pacing;
    let bytes = 0;
    for (const entry of this.#entries.values()) {
      if (entry.status !== "queued") continue;
      const line = JSON.stringify(entry.command);
      const size = utf8Length(line);
      const error = size > frameBytes ? TOO_LONG : isForgotten(entry, now) ? UNCONFIRMED : null;
      if (error !== null) {
        results.push(this.#fail(entry, error));
        continue;
      }
      if (lines.length >= maxCommands || bytes + size > frameBytes) break;
      bytes += size + 1; // and a newline
      lines.push(line);
      const { retryAt: _, ...rest } = entry;
      this.#set({ ...rest, status: "sent", sent: entry.sent ?? { at: now, after: head } });
    }
    this.#pacing.sent(lines.length, now);
    return { lines, results };
  }

  /** The room stored the command `id` as the event `seq`; the entry stays until the event arrives. */
  accepted(id: string, seq: number, now: number): CommandResult[] {
    const entry = this.#unansweredEntry(id);
    if (entry === undefined) return [];
    this.#set({ ...unsent(entry), status: "sent", seq });
    this.#awaited.set(seq, id);
    this.#pacing.accepted(now);
    this.#answered();
    return [{ id, seq }];
  }

  /**
   * The room rejected the command `id`: a rate limit queues it again, any other error fails it.
   *
   * @returns `null` if the command is not in the outbox
   */
  rejected(id: string, error: CommandError, now: number): CommandResult[] | null {
    const entry = this.#unansweredEntry(id);
    if (entry === undefined) return null;
    if (error.code !== "rate_limited") {
      const result = this.#fail(entry, error);
      this.#answered();
      return [result];
    }
    const wait = retryDelay(error);
    // This attempt was not carried out; one on an earlier connection stays unconfirmed.
    this.#set({ ...(entry.unconfirmed ? entry : unsent(entry)), status: "queued", retryAt: now + wait });
    this.#pacing.limited(wait, this.#firstPending()?.id === id);
    this.#answered();
    return [];
  }

  /** Removes the entries whose events have arrived: the log is known up to `head`. */
  caughtUp(head: number): void {
    for (const [seq, id] of this.#awaited) {
      if (seq > head) continue;
      this.#awaited.delete(seq);
      this.#delete(id);
    }
  }

  /** Queues a failed entry again, at the end and under a new id. `now` is Unix ms. */
  retry(id: string, newId: string, now: number): void {
    const entry = this.#entries.get(id);
    if (entry?.status !== "failed") return;
    this.#delete(id);
    this.add({ ...entry.command, id: newId }, now);
  }

  /** Removes an entry that failed or was never sent. Returns whether it did: the room may have the others. */
  discard(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    const isDroppable = entry.status === "failed" || (entry.status === "queued" && entry.sent === undefined);
    if (isDroppable) this.#delete(id);
    return isDroppable;
  }

  /** The connection is lost: what was sent on it and has no answer is unconfirmed. */
  disconnected(): void {
    for (const entry of this.entries) {
      const next = afterDisconnect(entry);
      if (next !== entry) this.#set(next);
    }
    this.#pacing.disconnected();
  }

  /** Settles the commands that the `welcome` of the next connection shows; the others are sent again. */
  rejoined(own: OwnEvents): CommandResult[] {
    const results: CommandResult[] = [];
    const isNewLog = own.isNewLog || (this.#epoch !== null && this.#epoch !== own.epoch);
    this.#epoch = own.epoch;
    this.#awaited.clear();
    for (const entry of this.entries) {
      const { id } = entry;
      const seq = own.seqs.get(id);
      if (seq !== undefined && entry.seq === undefined) results.push({ id, seq });
      if (seq !== undefined || entry.seq !== undefined) {
        this.#delete(id);
        continue;
      }
      const next = isNewLog ? inNewLog(entry, own) : afterRejoin(entry, own);
      if (next.error !== undefined && entry.status !== "failed") results.push(this.#fail(next, next.error));
      else if (next !== entry) this.#set(next);
      // A change of a message in the old log has nothing left to change.
      if (isNewLog && next.kind !== "send") this.#delete(id);
    }
    return results;
  }

  #fail(entry: Entry, error: CommandError): CommandResult {
    const { id, command } = entry;
    if (this.#keepsFailed) this.#set(failed(entry, error));
    else this.#delete(id);
    return { id, error, command };
  }

  #answered(): void {
    this.#pacing.answered(this.isPending);
  }

  #unansweredEntry(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    return entry !== undefined && isUnanswered(entry) ? entry : undefined;
  }

  #firstQueued(): Entry | undefined {
    for (const entry of this.#entries.values()) if (entry.status === "queued") return entry;
    return undefined;
  }

  /** The first entry that is queued or not answered. */
  #firstPending(): Entry | undefined {
    for (const entry of this.#entries.values()) {
      if (entry.status === "queued" || isUnanswered(entry)) return entry;
    }
    return undefined;
  }

  /** Adds an entry, or replaces the one with its id in its place. */
  #set(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    this.#snapshot = null;
    this.#revision += 1;
  }

  #delete(id: string): void {
    this.#entries.delete(id);
    this.#snapshot = null;
    this.#revision += 1;
  }
}
