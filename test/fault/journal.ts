// The journal of a run: every send, every answer and every delivery, as its participants recorded them.

/** LoggedMessage is a message in the log, or as a reader received it. */
export interface LoggedMessage {
  readonly seq: number;
  readonly user: string;
  readonly text: string;
}

/** Returns an event's text; for a notice, which has none, its other fields except those that the room adds. */
export function loggedText(event: object): string {
  if ("text" in event) return String(event.text);
  const added = new Set(["seq", "at", "user", "name", "id", "memberName"]);
  return JSON.stringify(
    Object.entries(event)
      .filter(([field]) => !added.has(field))
      .sort(),
  );
}

/**
 * ReaderEntry is what one reader received. A welcome states where the reader's list continues: directly after
 * the previous entry (`resumed`), or after `seq`, with an announced gap before it.
 */
export type ReaderEntry =
  | (LoggedMessage & { readonly type: "event" })
  | { readonly type: "welcome"; readonly seq: number; readonly resumed: boolean };

/** Ack is an `ok`, or a sender's own event in a welcome, which settles a send in the same way. */
export interface Ack {
  readonly sender: string;
  readonly id: string;
  readonly seq: number;
}

/** Journal is written by the participants of a run and read by the checker. */
export class Journal {
  /** Text by id for each sender, in the order in which the messages were first sent. */
  readonly sends = new Map<string, Map<string, string>>();
  /** User id of each sender. */
  readonly users = new Map<string, string>();
  readonly acks: Ack[] = [];
  /** Rejected sends and other unexpected lines, as sentences. */
  readonly failures: string[] = [];
  readonly readers = new Map<string, ReaderEntry[]>();
  /** Connections that were lost and opened again. */
  reconnects = 0;
  /** Welcomes that did not grant a resume. */
  refusedResumes = 0;
  readonly #ackListeners = new Set<() => void>();
  /** One copy of each text: every reader receives the same ones. */
  readonly #strings = new Map<string, string>();

  recordSend(sender: string, id: string, text: string): void {
    const sent = this.sends.get(sender) ?? new Map<string, string>();
    this.sends.set(sender, sent.set(id, text));
  }

  recordAck(ack: Ack): void {
    this.acks.push(ack);
    for (const listener of this.#ackListeners) listener();
    this.#ackListeners.clear();
  }

  /** Resolves at the next acknowledgement. */
  nextAck(): Promise<void> {
    return new Promise((resolve) => this.#ackListeners.add(resolve));
  }

  recordDelivery(reader: string, entry: ReaderEntry): void {
    const entries = this.readers.get(reader) ?? [];
    if (entries.length === 0) this.readers.set(reader, entries);
    if (entry.type === "event") {
      const { seq, user, text } = entry;
      entries.push({ type: "event", seq, user: this.#shared(user), text: this.#shared(text) });
    } else {
      entries.push(entry);
    }
  }

  /** Number of entries of all readers. */
  get deliveries(): number {
    return [...this.readers.values()].reduce((sum, entries) => sum + entries.length, 0);
  }

  #shared(text: string): string {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    this.#strings.set(text, text);
    return text;
  }
}
