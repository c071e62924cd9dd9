/** Heartbeat: detects a dead socket, for which the platform may never report an error. */
import { PING, PONG, splitLines } from "../protocol/frame.ts";
import { PING_INTERVAL_MS } from "../protocol/limits.ts";
import { Alarm, type Clock } from "./platform.ts";

/** Time from opening a socket to its `welcome`. */
const JOIN_TIMEOUT_MS = 15_000;
/** Silence after a ping that shows a dead link. */
const PONG_TIMEOUT_MS = 10_000;
/** Replaces both timeouts when the tab or the network is back: a dead link is likely then. */
const WAKE_TIMEOUT_MS = 5_000;

/** HeartbeatEffects are the calls from a heartbeat to its socket. */
export interface HeartbeatEffects {
  send(frame: string): void;
  /** The socket is dead. */
  fail(reason: string): void;
  /** Whether the room has not answered a request for too long. */
  isOverdue(): boolean;
}

/** Heartbeat waits for the `welcome` of each socket and pings from then on. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #effects: HeartbeatEffects;
  /** When the ping was sent that has no pong yet. */
  #pingedAt: number | null = null;
  /** Fires when the socket is dead: without `welcome`, or silent after a ping. */
  readonly #deadline: Alarm;
  /** Fires for the next ping; set from the `welcome` on. */
  readonly #beat: Alarm;

  constructor(clock: Clock, effects: HeartbeatEffects) {
    this.#clock = clock;
    this.#effects = effects;
    this.#deadline = new Alarm(clock, () => effects.fail("nothing was received in time"));
    this.#beat = new Alarm(clock, () => this.#onBeat());
  }

  /** A socket is being opened. */
  opened(): void {
    this.#pingedAt = null;
    this.#expectWithin(JOIN_TIMEOUT_MS);
  }

  /** The `welcome` was received. */
  welcomed(): void {
    this.#deadline.set(null);
    this.#scheduleBeat();
  }

  /** Data was received. Before the `welcome` it does not count: the `welcome` must still arrive in time. */
  received(data: unknown): void {
    if (!this.#isBeating) return;
    this.#deadline.set(null);
    if (this.#pingedAt === null || typeof data !== "string") return;
    // The runtime sends a pong as a frame of its own; another server may add lines to it.
    if (splitLines(data).includes(PONG)) this.#pingedAt = null;
  }

  /** The tab is visible again, or the network is back. */
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
    // A pong this late is queued behind more data than the link can carry: joining again is faster.
    const isLate = this.#pingedAt !== null && this.#clock.now() - this.#pingedAt >= PONG_TIMEOUT_MS;
    if (isLate) this.#effects.fail("the pong is late");
    else if (this.#effects.isOverdue()) this.#effects.fail("an answer is overdue");
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

  /** The socket is dead unless data is received within `ms`; an earlier deadline stays. */
  #expectWithin(ms: number): void {
    const at = this.#clock.now() + ms;
    if (this.#deadline.at === null || at < this.#deadline.at) this.#deadline.set(at);
  }
}
