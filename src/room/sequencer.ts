/** Sequencer: accepts log commands, commits them in batches and returns the committed events. */
import {
  accept,
  beginsEpoch,
  type CommandError,
  type EventBody,
  isTimelineEvent,
  type Notice,
  type Result,
  type RoomEvent,
  reject,
  withoutId,
} from "../protocol/index.ts";
import type { RoomConfig } from "./config.ts";
import type { Draft, Log } from "./log.ts";
import { contentOf } from "./message-files.ts";
import { denied, type Place, uploadDenied } from "./permissions.ts";
import { RecentCommands } from "./recent-commands.ts";
import type { Report } from "./report.ts";
import type { Details, Rules } from "./rules.ts";
import { SlowMode } from "./slow-mode.ts";

/** Author is the user of a command, with the name at the time of the commit. */
export interface Author {
  readonly user: string;
  readonly name: string;
}

/** Receipt is the result of a command that became an event. */
export interface Receipt {
  readonly seq: number;
  readonly user: string;
  /** An earlier command with the same id had made the event. */
  readonly repeated: boolean;
}

/** Submission is a command that waits for the next commit. */
export interface Submission {
  /** Called at the commit, so that a rename before it applies. */
  readonly author: () => Author;
  readonly body: EventBody;
  /** Id of the command; a plain text has none. */
  readonly id: string | undefined;
  readonly isPlain: boolean;
  /** Time when the author's connection opened, Unix ms; `null` if it is not known. */
  readonly since: number | null;
  /** The parts of the command that the event does not contain. */
  readonly details?: Details;
  /** Called once the event is written, or with the reason why it is not. */
  readonly onResult: (result: Result<Receipt>) => void;
  /** Called instead if it is not known whether the event was written: the client must resume. */
  readonly onLost?: () => void;
}

/** Committed is a committed event. */
export interface Committed {
  readonly event: RoomEvent;
  /** The event as a line for all users, without the id of its command. */
  readonly line: string;
  /** Its author is in plain mode, which shows the text without a name. */
  readonly isPlain: boolean;
}

/** Length of the texts of one batch, in UTF-16 units: one frame carries all of them to every connection. */
const MAX_BATCH_LENGTH = 256 * 1024;
/** The same, times the number of readers: each socket holds its own copy until it is sent. */
export const MAX_FAN_OUT_LENGTH = 64 * 1024 * 1024;
/**
 * Batches that may wait. A longer queue under overload only delays every command more. With a rate limit for each
 * connection, only an overload reaches this.
 */
const MAX_BATCHES_WAITING = 8;
const OVERLOAD_RETRY_MS = 1_000;
/** Approximate length of an event's line without its text. */
const LINE_LENGTH = 120;
/** The same of one file, with its address in the text. */
const FILE_LENGTH = 400;

/** SequencerOptions connect a sequencer to its room. */
export interface SequencerOptions {
  /** Name of the room. */
  readonly room: string;
  readonly log: Log;
  readonly rules: Rules;
  readonly config: RoomConfig;
  readonly report: Report;
}

export class Sequencer {
  readonly #log: Log;
  readonly #rules: Rules;
  readonly #place: Place;
  readonly #config: RoomConfig;
  readonly #report: Report;
  #recent = new RecentCommands();
  #slowMode = new SlowMode();
  #isLoaded = false;
  /** Users whom the current batch removes or bans. */
  readonly #leaving = new Set<string>();
  #waiting: Submission[] = [];
  /** Approximate length of the lines of all waiting commands, in UTF-16 units. */
  #length = 0;
  #batchLength = MAX_BATCH_LENGTH;
  /** A command was rejected since the last batch. */
  #isOverloaded = false;

  constructor({ room, log, rules, config, report }: SequencerOptions) {
    this.#log = log;
    this.#rules = rules;
    this.#place = placeOf(room, log, rules);
    this.#config = config;
    this.#report = report;
  }

  /** Whether commands wait for a commit. */
  get isDue(): boolean {
    return this.#waiting.length > 0;
  }

  /** Queues a command for the next commit, or rejects it if too many are waiting. */
  submit(submission: Submission): void {
    const length = this.#length + lineLength(submission);
    // A shorter command must not overtake a longer one that was rejected.
    if (this.#isOverloaded || length > MAX_BATCHES_WAITING * this.#batchLength) {
      this.#isOverloaded = true;
      const message = "the room is overloaded: try again in a second";
      submission.onResult(reject("rate_limited", message, OVERLOAD_RETRY_MS));
      return;
    }
    this.#waiting.push(submission);
    this.#length = length;
  }

  /**
   * Commits the waiting commands in their order, in one transaction, and calls their `onResult`.
   *
   * @param now - Unix ms
   * @param readers - number of connections that one object sends the events to, at most
   * @returns the new events in order, also those that a wipe among them deleted
   */
  commit(now: number, readers: number): Committed[] {
    this.#batchLength = Math.min(MAX_BATCH_LENGTH, MAX_FAN_OUT_LENGTH / readers);
    const batch = this.#takeBatch();
    if (batch.length === 0) return [];
    const committed: Committed[] = [];
    this.#leaving.clear();
    let results: Result<Receipt>[];
    const recent = this.#recent;
    try {
      this.#load(now);
      results = this.#log.transaction(() => {
        const receipts = batch.map((submission) => this.#apply(submission, committed, now));
        // After an import alone, an export is the same file again.
        if (committed.some(({ event }) => event.type !== "import"))
          this.#log.prune(this.#config.historyLimit);
        return receipts;
      });
    } catch (error) {
      // Nothing of the batch was written, so every client may send its commands again.
      this.#report("commit failed", error);
      // A new epoch in the batch has replaced the list.
      this.#recent = recent;
      for (const { event } of committed) {
        if (beginsEpoch(event)) break;
        if (event.id !== undefined) recent.forget(event.user, event.id);
      }
      this.#slowMode = new SlowMode();
      this.#rules.load(!this.#log.isEmpty);
      for (const { onResult } of batch) onResult(reject("internal", "the message could not be stored"));
      return [];
    }
    for (const [index, result] of results.entries()) batch[index]?.onResult(result);
    return committed;
  }

  /** Returns why `user` may not make the event `body` now, or `null`. The commit checks it again. */
  denied(body: EventBody, user: string, details: Details, now: number): CommandError | null {
    return this.#denied({ body, since: null, details }, user, now);
  }

  /** Returns why a user may not upload a file, or `null`. */
  uploadDenied(user: string, now: number): CommandError | null {
    const actor = { role: this.#rules.roleOf(user), mute: this.#rules.muteOf(user, now) };
    return uploadDenied(actor, this.#place);
  }

  #load(now: number): void {
    if (this.#isLoaded) return;
    this.#recent.load(this.#log, now);
    this.#isLoaded = true;
  }

  /** Validates one command and appends its event. */
  #apply(submission: Submission, committed: Committed[], now: number): Result<Receipt> {
    const { body, id, isPlain, details = {} } = submission;
    const { user, name } = submission.author();
    const known = id === undefined ? null : this.#recent.find(user, id, body);
    if (known === "conflict") return reject("conflict", "this id was used for another command");
    if (known !== null) return accept({ seq: known, user, repeated: true });
    const error = this.#denied(submission, user, now);
    if (error !== null) return { ok: false, error };
    const event = this.#append(
      {
        ...contentOf(this.#effective(body), details.files ?? [], (seq) => this.#log.find(seq)),
        ...this.#memberName(body, details),
        at: now,
        user,
        name,
        ...(id !== undefined && { id }),
      },
      details,
    );
    if (id !== undefined) this.#recent.add(user, id, body, event.seq, now);
    committed.push({ event, line: JSON.stringify(withoutId(event)), isPlain });
    return accept({ seq: event.seq, user, repeated: false });
  }

  #denied(
    { body, since, details }: Pick<Submission, "body" | "since" | "details">,
    user: string,
    now: number,
  ): CommandError | null {
    const role = this.#rules.roleOf(user);
    const actor = { user, role, mute: this.#rules.muteOf(user, now) };
    const error = denied(actor, body, this.#place, details);
    if (error !== null || body.type !== "message" || role !== "member") return error;
    const { slowMode } = this.#rules.settings;
    const waitMs = this.#slowMode.waitMs(this.#log, user, slowMode, since, now);
    if (waitMs === 0) return null;
    const message = `slow mode: wait ${Math.ceil(waitMs / 1000)} s`;
    return { code: "forbidden", message, cause: "slow_mode", retryAfter: waitMs };
  }

  /** Appends an event and applies it to the rules. */
  #append(draft: Draft, details: Details): RoomEvent {
    if (draft.type === "wipe") this.#log.restart();
    if (draft.type === "import" && details.imported !== undefined) this.#log.adopt(details.imported);
    if (beginsEpoch(draft)) this.#recent = new RecentCommands();
    const event = this.#log.append(draft);
    if (event.type === "message") this.#slowMode.wrote(event.user, event.at);
    else if (isTimelineEvent(event)) this.#applyRules(event, details);
    else if (event.type === "delete" && event.target === this.#rules.settings.pinned)
      this.#rules.setPinned(null);
    return event;
  }

  #applyRules(event: Notice, details: Details): void {
    const isLifted = event.type === "ban" && event.duration === 0;
    if (event.type === "remove" || (event.type === "ban" && !isLifted)) this.#leaving.add(event.member);
    const { present = () => [] } = details;
    // The users whom the batch disconnects are still connected.
    const staying = () => present().filter((user) => !this.#leaving.has(user));
    this.#rules.apply(event, { ...details, present: staying });
  }

  /** Returns `body` as it is committed: a new owner of a room that has an owner does not set it up. */
  #effective(body: EventBody): EventBody {
    return body.type === "claim" && this.#rules.isOwned ? { type: "claim" } : body;
  }

  /** Returns the name of the member of an event. */
  #memberName(body: EventBody, { memberName }: Details): { memberName?: string } {
    if (!("member" in body)) return {};
    const name = memberName ?? this.#rules.nameOf(body.member) ?? this.#log.nameOf(body.member);
    return name === undefined ? {} : { memberName: name };
  }

  /** Takes as many commands as fit into one batch, at least one. */
  #takeBatch(): Submission[] {
    let length = 0;
    let count = 0;
    for (const submission of this.#waiting) {
      const next = length + lineLength(submission);
      if (count > 0 && next > this.#batchLength) break;
      length = next;
      count += 1;
    }
    this.#length -= length;
    this.#isOverloaded = false;
    return this.#waiting.splice(0, count);
  }
}

/** Returns the room as permissions see it. */
function placeOf(room: string, log: Log, rules: Rules): Place {
  return {
    room,
    get isReadOnly() {
      return rules.settings.readOnly;
    },
    get takesFiles() {
      return rules.settings.files !== false;
    },
    get isOwned() {
      return rules.isOwned;
    },
    get hasPassword() {
      return rules.hasPassword;
    },
    get isEmpty() {
      return log.isEmpty;
    },
    get hasMessages() {
      return log.hasMessages;
    },
    roleOf: (user) => rules.roleOf(user),
    isOwnerSecret: (secret) => rules.isOwnerSecret(secret),
    isFileUsed: (id) => log.files?.isUsed(id) ?? false,
    find: (seq) => log.find(seq),
  };
}

function lineLength({ body }: Submission): number {
  const files = body.type === "message" && body.files !== undefined ? body.files.length * FILE_LENGTH : 0;
  return LINE_LENGTH + files + ("text" in body ? body.text.length : 0);
}
