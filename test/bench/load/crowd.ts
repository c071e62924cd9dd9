/** The clients of one room, all in this process: some send, all count what they receive. */
import type { Dialect } from "./dialect.ts";
import { MARKER, STAMP_DIGITS, Tally } from "./frame-scanner.ts";
import { LoadSocket } from "./load-socket.ts";
import { type Latency, latencyOf } from "./percentile.ts";

/** Bytes of every message's text. */
export const TEXT_BYTES = 32;
/** Number of connections opened at a time when joins are not measured. */
const OPEN_AT_ONCE = 200;
/** Keep-alive interval of each connection, and interval at which some of them are due, in ms. */
const KEEP_ALIVE_MS = 20_000;
const KEEP_ALIVE_TICK_MS = 100;
/** Age of the newest sample, in ms, at which the run has failed and ends. */
const FAILED_MS = 3_000;

const MARK = String.fromCharCode(MARKER);
const PADDING = " said by one, heard by everyone".slice(0, TEXT_BYTES - 1 - STAMP_DIGITS);

/** Load is the traffic offered to a room in one run. */
export interface Load {
  /** Messages per second of all senders together. */
  readonly rate: number;
  /** Duration of warm-up and measurement, in ms. */
  readonly warmMs: number;
  readonly measureMs: number;
  /** Maximum wait for the last deliveries, in ms. */
  readonly drainMs: number;
  /** Start of a message's latency: when it was due, or when it was sent. */
  readonly from: "due" | "sent";
}

/** Run is the result of a load. */
export interface Run {
  readonly load: Load;
  readonly readers: number;
  /** Messages sent, warm-up included. */
  readonly sent: number;
  /** Messages received by readers, of `sent * readers`. */
  readonly delivered: number;
  /** Time from the first message until the last delivery, or until the wait for it ended, in ms. */
  readonly tookMs: number;
  readonly latency: Latency;
  /** Connections ended by the server. */
  readonly cut: number;
  /** Whether every reader received every message exactly once. */
  readonly complete: boolean;
}

/** Crowd holds the connections to one room. */
export class Crowd {
  readonly #port: number;
  readonly #dialect: Dialect;
  readonly #tally: Tally;
  readonly #sockets: LoadSocket[] = [];
  readonly #keepAlive: NodeJS.Timeout;
  #sentBefore = 0;
  #aliveNext = 0;

  /** @param sampleEvery - one message in so many is sampled; a prime */
  constructor(port: number, dialect: Dialect, sampleEvery: number) {
    this.#port = port;
    this.#dialect = dialect;
    this.#tally = new Tally(sampleEvery);
    this.#keepAlive = setInterval(() => this.#sendKeepAlives(), KEEP_ALIVE_TICK_MS);
  }

  get size(): number {
    return this.#sockets.length;
  }

  /** Adds clients, a few at a time. */
  async grow(count: number): Promise<void> {
    for (let left = count; left > 0; left -= OPEN_AT_ONCE) await this.rush(Math.min(left, OPEN_AT_ONCE));
  }

  /** Adds clients, all at once. Returns the time until the last has joined, in ms. */
  async rush(count: number): Promise<number> {
    const start = performance.now();
    const added = Array.from({ length: count }, () => new LoadSocket(this.#port, this.#dialect, this.#tally));
    this.#sockets.push(...added);
    await Promise.all(added.map((socket) => socket.joined));
    return performance.now() - start;
  }

  /** Offers `load`, sent by the first `senders` clients in turn, and measures the result. */
  async offer(load: Load, senders: number): Promise<Run> {
    const tally = this.#tally;
    const before = this.#sockets.map((socket) => socket.received);
    const deliveredBefore = tally.messages;
    tally.clear();

    const start = performance.now();
    const measured = {
      from: (start + load.warmMs) * 1000,
      to: (start + load.warmMs + load.measureMs) * 1000,
    };
    const sent = await this.#send(load, senders, start);
    const due = deliveredBefore + sent * this.size;
    const deadline = performance.now() + load.drainMs;
    while (tally.messages < due && performance.now() < deadline) await pause(5);

    const tookMs = performance.now() - start;
    const delivered = tally.messages - deliveredBefore;
    const missing = Math.max(0, sent * this.size - delivered);
    const ages = tally.ages.filter((_, i) => {
      const stamp = tally.stamps[i] ?? 0;
      return stamp >= measured.from && stamp < measured.to;
    });
    return {
      load,
      readers: this.size,
      sent,
      delivered,
      tookMs,
      latency: latencyOf(ages, missing / tally.every),
      cut: this.#sockets.filter((socket) => socket.cut !== null).length,
      complete: this.#sockets.every((socket, i) => socket.received === (before[i] ?? 0) + sent),
    };
  }

  /** Makes every client send one frame, then counts for `ms`. Returns the messages received per second. */
  async listen(ms: number): Promise<number> {
    for (const socket of this.#sockets) socket.send(MARK);
    const before = this.#tally.messages;
    const start = performance.now();
    await pause(ms);
    return (1000 * (this.#tally.messages - before)) / (performance.now() - start);
  }

  leave(): void {
    clearInterval(this.#keepAlive);
    for (const socket of this.#sockets) socket.leave();
  }

  /**
   * Sends messages at a constant rate, whatever happens to them. A message that carries its due time counts delays
   * of the load against the server, never in its favour.
   */
  async #send({ rate, warmMs, measureMs, from }: Load, senders: number, start: number): Promise<number> {
    const total = Math.ceil((rate * (warmMs + measureMs)) / 1000);
    const intervalMs = 1000 / rate;
    let sent = 0;
    while (sent < total && !this.#hasFailed) {
      const now = performance.now();
      for (; sent < total && start + sent * intervalMs <= now; sent += 1) {
        const n = this.#sentBefore + sent;
        const at = from === "due" ? start + sent * intervalMs : performance.now();
        this.#sockets[n % senders]?.send(this.#dialect.send(textAt(at), n));
      }
      await pause(1);
    }
    this.#sentBefore += sent;
    return sent;
  }

  /** Sends the keep-alives of the next few clients, so that they are spread over time. */
  #sendKeepAlives(): void {
    const { keepAlive } = this.#dialect;
    if (keepAlive === undefined) return;
    const count = Math.ceil((this.size * KEEP_ALIVE_TICK_MS) / KEEP_ALIVE_MS);
    for (let i = 0; i < count; i += 1) {
      this.#sockets[this.#aliveNext]?.send(keepAlive);
      this.#aliveNext = (this.#aliveNext + 1) % Math.max(1, this.size);
    }
  }

  get #hasFailed(): boolean {
    return (this.#tally.ages.at(-1) ?? 0) > FAILED_MS * 1000;
  }
}

/** Text of a message whose latency starts at `ms` of `performance.now()`. */
function textAt(ms: number): string {
  return `${MARK}${String(Math.round(ms * 1000)).padStart(STAMP_DIGITS, "0")}${PADDING}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
