/** Threads and time of the simulation. */

/** Thread does one job after the other. */
export class Thread {
  /** Time when the last job ends, ms. */
  freeAt = 0;
  /** CPU time of all jobs, ms. */
  busy = 0;

  /** Adds a job that takes `ms` and arrives at `at`. Returns the time when it ends. */
  run(at: number, ms: number): number {
    this.freeAt = Math.max(at, this.freeAt) + ms;
    this.busy += ms;
    return this.freeAt;
  }
}

interface Event {
  readonly at: number;
  readonly number: number;
  readonly run: () => void;
}

/** Timeline runs events in the order of their time; those of the same time in the order in which they were added. */
export class Timeline {
  now = 0;
  readonly #heap: Event[] = [];
  #number = 0;

  add(at: number, run: () => void): void {
    const heap = this.#heap;
    const event = { at: Math.max(at, this.now), number: this.#number, run };
    this.#number += 1;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const above = (i - 1) >> 1;
      const other = heap[above];
      if (other === undefined || isBefore(other, event)) break;
      heap[i] = other;
      heap[above] = event;
      i = above;
    }
  }

  /** Runs everything. */
  run(): void {
    for (let event = this.#take(); event !== undefined; event = this.#take()) {
      this.now = event.at;
      event.run();
    }
  }

  #take(): Event | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return last;
    let i = 0;
    for (;;) {
      const left = heap[2 * i + 1];
      const right = heap[2 * i + 2];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const next = isRight ? right : left;
      if (next === undefined || isBefore(last, next)) break;
      heap[i] = next;
      i = 2 * i + (isRight ? 2 : 1);
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number);
}

/** Returns a generator of numbers from 0 to 1, the same for each seed: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Histogram counts times by the millisecond. */
export class Histogram {
  readonly #counts: number[] = [];
  #total = 0;

  add(ms: number): void {
    const bin = Math.ceil(ms);
    while (this.#counts.length <= bin) this.#counts.push(0);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#total += 1;
  }

  /** Returns the smallest time, ms, that the given part of all times do not exceed. */
  percentile(part: number): number {
    let left = Math.ceil(part * this.#total);
    for (const [ms, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return ms;
    }
    return Number.NaN;
  }
}
