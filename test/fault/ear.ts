// Ear: what one reader is given, over one connection after another, written into the journal as one list.
import type { Journal, Said } from "./journal.ts";
import { readLog } from "./log-reader.ts";

/** Place is the room of a run, and its journal. */
export interface Place {
  /** Address of the room's socket. */
  readonly socket: URL;
  /** Address of the room's messages in the HTTP API. */
  readonly messages: URL;
  readonly journal: Journal;
}

/**
 * Ear keeps a reader's list. Where a resume is refused, it reads what was left out over HTTP, as a client
 * that shows everything would, and holds back what comes meanwhile.
 */
export class Ear {
  /** Seq of the newest event in the list; `undefined` before the first welcome. */
  last: number | undefined;
  readonly #name: string;
  readonly #place: Place;
  #held: Said[] = [];
  /** Where the hole ends that is being filled; 0 where there is none. */
  #holeEnd = 0;

  constructor(name: string, place: Place) {
    this.#name = name;
    this.#place = place;
  }

  /** A welcome came; the events of a granted resume are told after it. */
  welcome(seq: number, resumed: boolean): void {
    const { journal } = this.#place;
    if (resumed || this.last === undefined) {
      journal.hear(this.#name, { type: "welcome", seq, resumed });
      this.last ??= seq;
      return;
    }
    journal.refusedResumes += 1;
    const isFilling = this.#holeEnd > 0;
    this.#holeEnd = seq;
    if (!isFilling) void this.#fill();
  }

  event({ seq, user, text }: Said): void {
    if (this.#holeEnd > 0) this.#held.push({ seq, user, text });
    else this.#hear({ seq, user, text });
  }

  #hear(said: Said): void {
    this.#place.journal.hear(this.#name, { type: "event", ...said });
    this.last = said.seq;
  }

  async #fill(): Promise<void> {
    while ((this.last ?? 0) < this.#holeEnd) {
      const upTo = this.#holeEnd;
      const missed = await readLog(this.#place.messages, this.last, upTo);
      if (missed === "pruned") {
        this.#place.journal.hear(this.#name, { type: "welcome", seq: upTo, resumed: false });
        this.last = upTo;
        continue;
      }
      for (const said of missed) this.#hear(said);
      if ((this.last ?? 0) < upTo) {
        this.#place.journal.complaints.push(
          `${this.#name}: the log ends at ${this.last}, before the welcome's ${upTo}`,
        );
        this.last = upTo;
      }
    }
    const held = this.#held;
    this.#held = [];
    this.#holeEnd = 0;
    // Before the last of several holes, what was held has been read over HTTP too.
    for (const said of held) if (said.seq > (this.last ?? 0)) this.#hear(said);
  }
}
