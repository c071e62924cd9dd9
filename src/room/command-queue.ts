/** Command queue: group commit, so that many commands cost one transaction. */
import { accept, type Result, type RoomEvent, reject } from "../protocol/index.ts";
import { type Author, apply } from "./apply.ts";
import type { Said } from "./broadcast.ts";
import type { RoomConfig } from "./config.ts";
import { newRoomSecrets } from "./identity.ts";
import type { Log } from "./log.ts";
import { type Content, RecentCommands } from "./recent-commands.ts";
import type { RoomReport } from "./room.ts";

/** How a command went. */
export interface Outcome {
  readonly seq: number;
  readonly user: string;
  /** The same command had been carried out before. */
  readonly repeated: boolean;
}

/** Settle is told how a command went: once its event is written, or why there is none. */
export type Settle = (result: Result<Outcome>) => void;

/** QueuedCommand is a command that was let in and waits for the next flush. */
export interface QueuedCommand {
  /** Asked when the command is carried out, so that it goes under the name of that time. */
  readonly author: () => Author;
  readonly content: Content;
  readonly id: string | undefined;
  /** A plain sender's. */
  readonly plain: boolean;
  readonly settle: Settle;
}

/** Text that one flush takes, in UTF-16 units: one frame carries all of it to everyone. */
const MAX_FLUSH_LENGTH = 256 * 1024;
/** Text that one flush sends to all readers together: until it has left, each socket holds a copy of its own. */
const MAX_FAN_OUT_LENGTH = 64 * 1024 * 1024;
/**
 * Flushes that what waits may fill: under overload more would only wait longer, and so would those who
 * come once it is over. With the rate of each connection limited, nothing else gets here.
 */
const MAX_FLUSHES_WAITING = 8;
const OVERLOAD_RETRY_MS = 1_000;
/** What an event's line has besides its text, about. */
const LINE_LENGTH = 120;

export class CommandQueue {
  readonly #log: Log;
  readonly #config: RoomConfig;
  readonly #report: RoomReport;
  readonly #recent = new RecentCommands();
  #loaded = false;
  #queued: QueuedCommand[] = [];
  /** UTF-16 units that the lines of what waits will have, about. */
  #length = 0;
  #flushLength = MAX_FLUSH_LENGTH;

  constructor(log: Log, config: RoomConfig, report: RoomReport) {
    this.#log = log;
    this.#config = config;
    this.#report = report;
  }

  get size(): number {
    return this.#queued.length;
  }

  /** Lets a command wait for the next flush, or refuses it where too much waits already. */
  add(command: QueuedCommand): void {
    const length = this.#length + lineLength(command);
    if (length > MAX_FLUSHES_WAITING * this.#flushLength) {
      command.settle(
        reject("rate_limited", "the room is overloaded: try again in a second", OVERLOAD_RETRY_MS),
      );
      return;
    }
    this.#queued.push(command);
    this.#length = length;
  }

  /**
   * Carries out what waits, in the order in which it came, in one transaction, and settles it.
   *
   * @param now - Unix ms
   * @param readers - how many the events are for
   * @returns the new events in order
   */
  commit(now: number, readers: number): Said[] {
    this.#flushLength = Math.min(MAX_FLUSH_LENGTH, MAX_FAN_OUT_LENGTH / readers);
    const batch = this.#take();
    if (batch.length === 0) return [];
    const said: Said[] = [];
    let results: Result<Outcome>[];
    try {
      this.#log.create(newRoomSecrets);
      if (!this.#loaded) this.#recent.load(this.#log, now);
      this.#loaded = true;
      results = this.#log.transaction(() => {
        const outcomes = batch.map((command) => this.#carryOut(command, said, now));
        if (said.length > 0) this.#log.prune(this.#config.historyLimit);
        return outcomes;
      });
    } catch (error) {
      // Nothing of the batch was written: every sender may safely send it again.
      this.#report("commit failed", error);
      for (const { event } of said) if (event.id !== undefined) this.#recent.forget(event.user, event.id);
      for (const { settle } of batch) settle(reject("internal", "the message could not be stored"));
      return [];
    }
    for (const [index, result] of results.entries()) batch[index]?.settle(result);
    return said;
  }

  #carryOut(command: QueuedCommand, said: Said[], now: number): Result<Outcome> {
    const { content, id } = command;
    const author = command.author();
    const { user } = author;
    const known = id === undefined ? null : this.#recent.find(user, id, content);
    if (known === "conflict") return reject("conflict", "this id was used for something else");
    if (known !== null) return accept({ seq: known, user, repeated: true });
    const applied = apply(this.#log, author, content, id, now);
    if (!applied.ok) return applied;
    const event: RoomEvent = applied.value;
    if (id !== undefined) this.#recent.add(user, id, content, event.seq, now);
    said.push({ event, plain: command.plain });
    return accept({ seq: event.seq, user, repeated: false });
  }

  /** As much of the queue as fits into one flush, one command at the least. */
  #take(): QueuedCommand[] {
    let length = 0;
    let count = 0;
    for (const command of this.#queued) {
      const next = length + lineLength(command);
      if (count > 0 && next > this.#flushLength) break;
      length = next;
      count += 1;
    }
    this.#length -= length;
    return this.#queued.splice(0, count);
  }
}

function lineLength({ content }: QueuedCommand): number {
  return LINE_LENGTH + ("text" in content ? content.text.length : 0);
}
