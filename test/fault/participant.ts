// Participants of a run. Some use the project's client; the others implement the protocol themselves, so that a
// bug of the client and one of the server cannot cancel out.

/** Participant is one user, on one connection after another. It records the journal. */
export interface Participant {
  readonly name: string;
  /** Seq of the newest event that it received; `undefined` before the first welcome. */
  readonly last: number | undefined;
  /** Number of sends without an answer. */
  readonly pending: number;
  connect(): void;
  send(text: string): void;
  close(): void;
}

/** The key of the participant `name`. */
export function keyOf(name: string): string {
  return `key-of-${name}`.padEnd(22, "-");
}
