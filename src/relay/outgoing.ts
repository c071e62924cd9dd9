/**
 * Outgoing: the commands of a relay's connections, until the room has answered them. One call is under way at a time:
 * commands that come meanwhile share the next one, and stay in their order.
 */
import { accept, type RoomEvent, reject } from "../protocol/index.ts";
import type { FeedResult, RelayCommand } from "../room/feed.ts";
import type { Submission } from "../room/sequencer.ts";

/** Commands that may wait. Beyond it the room is overloaded. */
const MAX_WAITING = 5_000;
/** Length of the texts of one call, in UTF-16 units. The runtime refuses calls of over 32 MiB. */
const MAX_CALL_LENGTH = 1_000_000;
const OVERLOAD_RETRY_MS = 1_000;
/** Time for an answer, after which the session is taken to be lost. */
const ANSWER_TIMEOUT_MS = 15_000;

export interface OutgoingOptions {
  /** Sends commands to the room. Resolves with whether it took them. */
  readonly submit: (session: string, commands: readonly RelayCommand[]) => Promise<boolean>;
  /** Called once the room has taken a call: the next one may begin. */
  readonly onTaken: () => void;
  /** Called if the room did not take a call, because its session has ended. Its commands wait again. */
  readonly onEnded: (session: string) => void;
  /** Called if it is not known whether the room took commands. */
  readonly onFailed: () => void;
}

interface Sent {
  readonly submission: Submission;
  /** Unix ms. */
  readonly at: number;
}

/** Call is a call of the room, with the numbers of its commands. */
interface Call {
  readonly refs: number[];
}

export class Outgoing {
  readonly #options: OutgoingOptions;
  #waiting: Submission[] = [];
  /** Commands without an answer by their number, in order. */
  readonly #sent = new Map<number, Sent>();
  #ref = 0;
  /** The call under way. */
  #call: Call | null = null;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** Whether commands wait for a session, or for the call before them. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether `send` would send something. */
  get isDue(): boolean {
    return this.#waiting.length > 0 && this.#call === null;
  }

  /** Whether every command is answered. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#sent.size === 0;
  }

  /** Queues a command, or rejects it if too many wait. */
  add(submission: Submission): void {
    if (this.#waiting.length + this.#sent.size >= MAX_WAITING) {
      const message = "the room is overloaded: try again in a second";
      submission.onResult(reject("rate_limited", message, OVERLOAD_RETRY_MS));
      return;
    }
    this.#waiting.push(submission);
  }

  /** Sends what waits, in one call, unless one is under way. `now` is Unix ms. */
  send(session: string, now: number): void {
    if (!this.isDue) return;
    const call: Call = { refs: [] };
    const commands = this.#takeCall().map((submission) => {
      this.#ref += 1;
      call.refs.push(this.#ref);
      this.#sent.set(this.#ref, { submission, at: now });
      return commandOf(submission, this.#ref);
    });
    this.#call = call;
    const end = () => {
      if (this.#call === call) this.#call = null;
    };
    this.#options.submit(session, commands).then(
      (isTaken) => {
        end();
        if (isTaken) return this.#options.onTaken();
        this.#takeBack(call.refs);
        this.#options.onEnded(session);
      },
      () => {
        end();
        this.#options.onFailed();
      },
    );
  }

  /** Hands on the results of the room. */
  answer(results: readonly FeedResult[]): void {
    for (const { ref, result } of results) {
      const sent = this.#sent.get(ref);
      this.#sent.delete(ref);
      sent?.submission.onResult(result);
    }
  }

  /** Answers commands whose events are known: their authors sent them before over another connection. */
  answerEvents(events: readonly RoomEvent[]): void {
    for (const { user, id, seq } of events) {
      if (id === undefined) continue;
      const isOf = (submission: Submission) => submission.id === id && submission.author().user === user;
      const known = this.#waiting.filter(isOf);
      if (known.length > 0) this.#waiting = this.#waiting.filter((submission) => !isOf(submission));
      for (const [ref, { submission }] of this.#sent) {
        if (!isOf(submission)) continue;
        this.#sent.delete(ref);
        known.push(submission);
      }
      for (const { onResult } of known) onResult(accept({ seq, user, repeated: true }));
    }
  }

  /** The session is lost, and with it the results of all commands that were sent, except `answered`. */
  lose(answered: ReadonlySet<number>): void {
    this.#call = null;
    for (const [ref, { submission }] of this.#sent) {
      if (answered.has(ref)) continue;
      this.#sent.delete(ref);
      submission.onLost?.();
    }
  }

  /** Loses the commands that wait. */
  forget(): void {
    for (const { onLost } of this.#waiting.splice(0)) onLost?.();
  }

  /** Whether the room has not answered for too long. `now` is Unix ms. */
  isOverdue(now: number): boolean {
    return (this.dueAt ?? now + 1) <= now;
  }

  /** Time when it is overdue, Unix ms, or `null`. */
  get dueAt(): number | null {
    const [oldest] = this.#sent.values();
    return oldest === undefined ? null : oldest.at + ANSWER_TIMEOUT_MS;
  }

  /** Takes as many commands as fit into one call, at least one. */
  #takeCall(): Submission[] {
    let length = 0;
    const end = this.#waiting.findIndex(({ body }, index) => {
      length += "text" in body ? body.text.length : 0;
      return index > 0 && length > MAX_CALL_LENGTH;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  /** Queues commands again that the room did not take, because their session had ended. */
  #takeBack(refs: readonly number[]): void {
    const back: Submission[] = [];
    for (const ref of refs) {
      const sent = this.#sent.get(ref);
      if (sent === undefined) continue;
      this.#sent.delete(ref);
      back.push(sent.submission);
    }
    this.#waiting.unshift(...back);
  }
}

function commandOf(submission: Submission, ref: number): RelayCommand {
  const { author, body, id, isPlain, since, details = {} } = submission;
  const { present: _, ...plain } = details;
  const { user, name } = author();
  return { ref, user, name, body, id, isPlain, since, details: plain };
}
