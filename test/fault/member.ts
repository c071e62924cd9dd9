// Member: one who takes part in a run and writes the journal. Two kinds do: one through the project's own
// client, and one that speaks the protocol by itself, so that a mistake of the client and one of the server
// cannot make up for each other.

/** Member is one person on one connection after another. */
export interface Member {
  readonly name: string;
  /** Seq of the newest event that it was given; `undefined` before the first welcome. */
  readonly last: number | undefined;
  /** Sends that have no answer yet. */
  readonly pending: number;
  connect(): void;
  send(text: string): void;
  close(): void;
}

/** A key that belongs to `name` alone. */
export function keyOf(name: string): string {
  return `key-of-${name}`.padEnd(22, "-");
}
