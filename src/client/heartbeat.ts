/** Heartbeat: finds out that a socket is dead, which may never be told. */
import { PING, PONG, splitLines } from "../protocol/frame.ts";
import { PING_INTERVAL_MS } from "../protocol/limits.ts";
import { Alarm } from "./alarm.ts";
import type { Clock } from "./platform.ts";

/** Time from opening a socket to its `welcome`. */
const JOIN_TIMEOUT_MS = 15_000;
/** Silence after a ping that shows a dead link. */
const PONG_TIMEOUT_MS = 10_000;
/** Either, when the reader or the network has just come back, and a dead link is likely. */
const WAKE_TIMEOUT_MS = 5_000;

/** HeartbeatEffects is what a heartbeat asks of its connection. */
export interface HeartbeatEffects {
  send(frame: string): void;
  /** The socket must be taken for dead. */
  dead(reason: string): void;
  /** Whether the room owes an answer for so long that the link must be taken for broken. */
  isOverdue(): boolean;
}

/** Heartbeat waits for the `welcome` of one socket after the other, and pings from then on. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #effects: HeartbeatEffects;
  /** When the ping left that awaits its pong. */
  #pingedAt: number | null = null;
  /** Rings where a socket is dead: without `welcome`, or silent after a ping. */
  readonly #deadline: Alarm;
  /** Rings for the next ping; set once the `welcome` is there. */
  readonly #beat: Alarm;

  constructor(clock: Clock, effects: HeartbeatEffects) {
    this.#clock = clock;
    this.#effects = effects;
    this.#deadline = new Alarm(clock, () => effects.dead("nothing was heard in time"));
    this.#beat = new Alarm(clock, () => this.#onBeat());
  }

  /** A socket is being opened. */
  opened(): void {
    this.#pingedAt = null;
    this.#expectWithin(JOIN_TIMEOUT_MS);
  }

  /** Its `welcome` was taken in. */
  welcomed(): void {
    this.#deadline.set(null);
    this.#scheduleBeat();
  }

  /** Something was heard: before the `welcome` it is no sign that this will come. */
  heard(data: unknown): void {
    if (!this.#isBeating) return;
    this.#deadline.set(null);
    if (this.#pingedAt === null || typeof data !== "string") return;
    // The runtime answers a ping with a frame of its own; another server may put other lines beside it.
    if (splitLines(data).includes(PONG)) this.#pingedAt = null;
  }

  /** The reader or the network has just come back. */
  woken(): void {
    if (this.#isBeating) this.#ping(WAKE_TIMEOUT_MS);
    else this.#expectWithin(WAKE_TIMEOUT_MS);
  }

  /** The socket is gone. */
  stop(): void {
    this.#deadline.set(null);
    this.#beat.set(null);
  }

  get #isBeating(): boolean {
    return this.#beat.at !== null;
  }

  #scheduleBeat(): void {
    this.#beat.set(this.#clock.now() + PING_INTERVAL_MS);
  }

  #onBeat(): void {
    // A pong that is this late waits behind more than the link can carry: joining anew is quicker.
    const isLate = this.#pingedAt !== null && this.#clock.now() - this.#pingedAt >= PONG_TIMEOUT_MS;
    if (isLate) this.#effects.dead("the pong is late");
    else if (this.#effects.isOverdue()) this.#effects.dead("an answer is overdue");
    else {
      this.#scheduleBeat();
      this.#ping(PONG_TIMEOUT_MS);
    }
  }

  #ping(timeoutMs: number): void {
    this.#expectWithin(timeoutMs);
    if (this.#pingedAt !== null) return;
    this.#pingedAt = this.#clock.now();
    this.#effects.send(PING);
  }

  /** Takes the socket for dead unless something is heard in time; an earlier deadline stays. */
  #expectWithin(ms: number): void {
    const at = this.#clock.now() + ms;
    if (this.#deadline.at === null || at < this.#deadline.at) this.#deadline.set(at);
  }
}
