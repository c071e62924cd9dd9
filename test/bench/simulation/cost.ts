/** What a simulated room costs on Cloudflare, at list prices without the included usage. */
import { PRICES, STAY_MINUTES } from "./assumptions.ts";

/** Frames of clients that count as one request. */
const FRAMES_PER_REQUEST = 20;
/** A message is written, and in a full log the oldest one is deleted. */
const ROWS_PER_MESSAGE = 2;
const SECONDS = 3_600;

export interface Usage {
  readonly people: number;
  /** Messages per second. */
  readonly rate: number;
  readonly relays: number;
  /** Calls to the room per second. */
  readonly callsToRoom: number;
}

/** Cost is what one hour costs, in $. */
export interface Cost {
  /** All objects, awake all the time. */
  readonly duration: number;
  /** Calls between the objects, frames of clients, and connecting. */
  readonly requests: number;
  readonly rows: number;
  readonly total: number;
}

/** Returns the cost of an hour. Deliveries are calls of the session that a relay began, so they are not billed. */
export function costOfHour({ people, rate, relays, callsToRoom }: Usage): Cost {
  const connects = (people * 60) / STAY_MINUTES;
  const duration = (relays + 1) * PRICES.objectGigabytes * SECONDS * PRICES.gigabyteSecond;
  const requests =
    (SECONDS * (callsToRoom + rate / FRAMES_PER_REQUEST) + connects) * PRICES.request +
    connects * PRICES.workerRequest;
  const rows = SECONDS * rate * ROWS_PER_MESSAGE * PRICES.rowWritten;
  return { duration, requests, rows, total: duration + requests + rows };
}
