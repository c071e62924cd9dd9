// The list of events that one reader received, over all its connections.
import type { Journal, LoggedMessage } from "./journal.ts";
import { readLog } from "./log-reader.ts";
import { keyOf } from "./participant.ts";

/** RunContext is the room of a run, and its journal. */
export interface RunContext {
  /** Address of the room's WebSocket. */
  readonly socket: URL;
  /** Address of the room's messages in the HTTP API. */
  readonly messages: URL;
  readonly journal: Journal;
}

/**
 * ReaderLog records a reader's list in the journal. If a resume is refused, it reads the missing events over
 * HTTP, and holds back live events until the gap is filled.
 */
export class ReaderLog {
  /** Seq of the newest event in the list; `undefined` before the first welcome. */
  last: number | undefined;
  readonly #reader: string;
  readonly #context: RunContext;
  #heldBack: LoggedMessage[] = [];
  /** Last seq of the gap that is being filled; 0 if there is none. */
  #gapEnd = 0;

  constructor(reader: string, context: RunContext) {
    this.#reader = reader;
    this.#context = context;
  }

  /** Records a welcome. The events of a granted resume follow it. */
  welcome(seq: number, resumed: boolean): void {
    const { journal } = this.#context;
    if (resumed || this.last === undefined) {
      journal.recordDelivery(this.#reader, { type: "welcome", seq, resumed });
      this.last ??= seq;
      return;
    }
    journal.refusedResumes += 1;
    const isFilling = this.#gapEnd > 0;
    this.#gapEnd = seq;
    if (!isFilling) void this.#fillGap();
  }

  event({ seq, user, text }: LoggedMessage): void {
    if (this.#gapEnd > 0) this.#heldBack.push({ seq, user, text });
    else this.#record({ seq, user, text });
  }

  #record(message: LoggedMessage): void {
    this.#context.journal.recordDelivery(this.#reader, { type: "event", ...message });
    this.last = message.seq;
  }

  async #fillGap(): Promise<void> {
    const { journal, messages } = this.#context;
    while ((this.last ?? 0) < this.#gapEnd) {
      const upTo = this.#gapEnd;
      const missed = await readLog(messages, this.last, upTo, keyOf(this.#reader));
      if (missed === "pruned") {
        journal.recordDelivery(this.#reader, { type: "welcome", seq: upTo, resumed: false });
        this.last = upTo;
        continue;
      }
      for (const message of missed) this.#record(message);
      if ((this.last ?? 0) < upTo) {
        journal.failures.push(`${this.#reader}: the log ends at ${this.last}, before the welcome's ${upTo}`);
        this.last = upTo;
      }
    }
    const heldBack = this.#heldBack;
    this.#heldBack = [];
    this.#gapEnd = 0;
    // After several gaps, some events that were held back have been read over HTTP too.
    for (const message of heldBack) if (message.seq > (this.last ?? 0)) this.#record(message);
  }
}
