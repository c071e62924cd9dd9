/** Moving: closes the connections of an object gradually, so that their clients connect to other objects. */
import { CloseCode } from "../protocol/index.ts";
import type { Audience } from "./audience.ts";

/** Share of the connections that is closed each second, and the least number. */
const SHARE = 0.1;
const LEAST = 20;
const INTERVAL_MS = 1_000;

export class Moving {
  /** Time of the next step, Unix ms. */
  dueAt = Number.NEGATIVE_INFINITY;

  /** Closes some of the connections. With `keepsPlain`, connections in plain mode stay, because they cannot resume. */
  step(audience: Audience, keepsPlain: boolean, now: number): void {
    if (now < this.dueAt) return;
    this.dueAt = now + INTERVAL_MS;
    audience.move(Math.max(LEAST, Math.ceil(audience.size * SHARE)), CloseCode.Moved, keepsPlain);
  }
}
