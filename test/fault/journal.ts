// The journal of a run: every send, every answer and every delivery, as those who took part saw them.

/** Said is a message as it is in the log, or as a reader was given it. */
export interface Said {
  readonly seq: number;
  readonly user: string;
  readonly text: string;
}

/**
 * Heard is what one reader was given. A welcome says where its list goes on: right after what it
 * had (`resumed`), or after `seq`, with what lies between honestly missing.
 */
export type Heard =
  | (Said & { readonly type: "event" })
  | { readonly type: "welcome"; readonly seq: number; readonly resumed: boolean };

/** Ack is an `ok`, or the settlement of a send against the sender's own event in a welcome. */
export interface Ack {
  readonly sender: string;
  readonly id: string;
  readonly seq: number;
}

/** Journal is written by the members of a run and read by the checker. */
export class Journal {
  /** Each sender's messages, in the order in which they were first sent: text by id. */
  readonly sends = new Map<string, Map<string, string>>();
  /** User id of each sender. */
  readonly users = new Map<string, string>();
  readonly acks: Ack[] = [];
  /** Sends that the service refused, and what else should not have been said, as sentences. */
  readonly complaints: string[] = [];
  readonly readers = new Map<string, Heard[]>();
  /** Connections that were lost and made anew. */
  reconnects = 0;
  /** Welcomes that refused a resume. */
  refusedResumes = 0;
  /** One copy of each text, since every reader is given it. */
  readonly #texts = new Map<string, string>();

  send(sender: string, id: string, text: string): void {
    const sent = this.sends.get(sender) ?? new Map<string, string>();
    this.sends.set(sender, sent.set(id, text));
  }

  hear(reader: string, heard: Heard): void {
    const list = this.readers.get(reader) ?? [];
    if (list.length === 0) this.readers.set(reader, list);
    if (heard.type === "event") {
      const { seq, user, text } = heard;
      list.push({ type: "event", seq, user: this.#shared(user), text: this.#shared(text) });
    } else {
      list.push(heard);
    }
  }

  #shared(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}
