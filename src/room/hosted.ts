/** Hosted: what runs in an object with sockets. */
import type { Audience } from "./audience.ts";
import type { Connection } from "./connection.ts";
import type { Pacing } from "./pacing.ts";

/** Hosted is what runs in an object with sockets: an audience, with the work that is due beside it. */
export interface Hosted {
  readonly audience: Audience;
  readonly pacing: Pacing;
  /** Time when `step` has something to do, Unix ms, or `null`. While a flush drains it has nothing to do. */
  readonly dueAt: number | null;
  /** Handles a frame from a connection. */
  receive(connection: Connection, frame: string | ArrayBuffer, now: number): void;
  /** Does what is due. `now` is Unix ms. */
  step(now: number): void;
}
