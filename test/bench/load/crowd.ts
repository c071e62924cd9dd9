/** Crowd: the people of one room, all in this process: some say what is offered, all count what comes. */
import type { Dialect } from "./dialect.ts";
import { MARKER, STAMP_DIGITS, Tally } from "./frame-scanner.ts";
import { LoadSocket } from "./load-socket.ts";
import { type Latency, latencyOf } from "./percentile.ts";

/** Bytes of every message's text. */
export const TEXT_BYTES = 32;
/** How many connections are opened at a time, where the opening is not what is measured. */
const OPENING = 200;
/** How often each connection says that it is there, and how often some of them do, in ms. */
const KEEP_ALIVE_MS = 20_000;
const KEEP_ALIVE_TICK_MS = 100;
/** How far behind, in ms, the newest sample may be before the rest of the load is pointless. */
const HOPELESS_MS = 3_000;

const MARK = String.fromCharCode(MARKER);
const PADDING = " said by one, heard by everyone".slice(0, TEXT_BYTES - 1 - STAMP_DIGITS);

/** Load is what is offered to a room in one run. */
export interface Load {
  /** Messages a second, of all senders together. */
  readonly rate: number;
  /** Time, in ms, before the messages that are measured, and of those. */
  readonly warmMs: number;
  readonly measureMs: number;
  /** How long, in ms, the last message may take to reach everyone. */
  readonly drainMs: number;
  /** When a message's latency begins: when it was due, or when it was sent. */
  readonly from: "due" | "sent";
}

/** Run is what became of a load. */
export interface Run {
  readonly load: Load;
  readonly readers: number;
  /** Messages sent, warm-up included. */
  readonly sent: number;
  /** Messages that came to readers, of `sent * readers`. */
  readonly delivered: number;
  readonly latency: Latency;
  /** Connections that the server ended. */
  readonly cut: number;
  /** Whether everyone got every message, once. */
  readonly complete: boolean;
}

/** Crowd holds the connections to one room. */
export class Crowd {
  readonly #port: number;
  readonly #dialect: Dialect;
  readonly #tally: Tally;
  readonly #sockets: LoadSocket[] = [];
  readonly #keepAlive: NodeJS.Timeout;
  #saidBefore = 0;
  #aliveNext = 0;

  /** @param sampleEvery - prime: every so many messages one is sampled */
  constructor(port: number, dialect: Dialect, sampleEvery: number) {
    this.#port = port;
    this.#dialect = dialect;
    this.#tally = new Tally(sampleEvery);
    this.#keepAlive = setInterval(() => this.#sayAlive(), KEEP_ALIVE_TICK_MS);
  }

  get size(): number {
    return this.#sockets.length;
  }

  /** Brings `count` more people in, a few at a time. */
  async grow(count: number): Promise<void> {
    for (let left = count; left > 0; left -= OPENING) await this.rush(Math.min(left, OPENING));
  }

  /** Brings `count` more people in, all at once; the ms that it took until the last had joined. */
  async rush(count: number): Promise<number> {
    const start = performance.now();
    const coming = Array.from(
      { length: count },
      () => new LoadSocket(this.#port, this.#dialect, this.#tally),
    );
    this.#sockets.push(...coming);
    await Promise.all(coming.map((socket) => socket.joined));
    return performance.now() - start;
  }

  /** Offers `load`, said by the first `senders` of the crowd in turn, and measures what comes of it. */
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
    const sent = await this.#say(load, senders, start);
    const due = deliveredBefore + sent * this.size;
    const deadline = performance.now() + load.drainMs;
    while (tally.messages < due && performance.now() < deadline) await pause(5);

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
      latency: latencyOf(ages, missing / tally.every),
      cut: this.#sockets.filter((socket) => socket.cut !== null).length,
      complete: this.#sockets.every((socket, i) => socket.received === (before[i] ?? 0) + sent),
    };
  }

  /** Lets everyone say one thing, and counts for `ms`: messages that come, a second. */
  async listen(ms: number): Promise<number> {
    for (const socket of this.#sockets) socket.say(MARK);
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
   * Says messages at an even rate, whatever becomes of them. Where each carries the time at which it was due
   * to be sent, the load's own delays count as the server's, never in its favour.
   */
  async #say({ rate, warmMs, measureMs, from }: Load, senders: number, start: number): Promise<number> {
    const total = Math.ceil((rate * (warmMs + measureMs)) / 1000);
    const intervalMs = 1000 / rate;
    let said = 0;
    while (said < total && !this.#isHopeless) {
      const now = performance.now();
      for (; said < total && start + said * intervalMs <= now; said += 1) {
        const n = this.#saidBefore + said;
        const at = from === "due" ? start + said * intervalMs : performance.now();
        this.#sockets[n % senders]?.say(this.#dialect.send(textAt(at), n));
      }
      await pause(1);
    }
    this.#saidBefore += said;
    return said;
  }

  /** Lets the next few say that they are there: spread over time, as people are. */
  #sayAlive(): void {
    const { keepAlive } = this.#dialect;
    if (keepAlive === undefined) return;
    const count = Math.ceil((this.size * KEEP_ALIVE_TICK_MS) / KEEP_ALIVE_MS);
    for (let i = 0; i < count; i += 1) {
      this.#sockets[this.#aliveNext]?.say(keepAlive);
      this.#aliveNext = (this.#aliveNext + 1) % Math.max(1, this.size);
    }
  }

  get #isHopeless(): boolean {
    return (this.#tally.ages.at(-1) ?? 0) > HOPELESS_MS * 1000;
  }
}

/** Text of a message that is timed from `ms` of `performance.now()`. */
function textAt(ms: number): string {
  return `${MARK}${String(Math.round(ms * 1000)).padStart(STAMP_DIGITS, "0")}${PADDING}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
