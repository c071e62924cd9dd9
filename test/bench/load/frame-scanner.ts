/**
 * Frame scanner: reads the bytes of one WebSocket, counts the messages in its frames, and samples their age,
 * without creating an object or a string per message.
 */

/** First byte of every text of the load. No server writes it anywhere else into a payload. */
export const MARKER = 0x5e;
/** Digits after the marker: the due time of the message, in microseconds of `performance.now()`. */
export const STAMP_DIGITS = 11;

/** Tally is the common count and the samples of all scanners of a load. */
export class Tally {
  /** Messages counted. */
  messages = 0;
  /** One message in so many is sampled. */
  readonly every: number;
  /** Stamps and ages of the sampled messages, in microseconds, in the order of arrival. */
  readonly stamps: number[] = [];
  readonly ages: number[] = [];
  #untilSample: number;

  /** @param every - a prime, so that the samples move through frames with a regular number of messages */
  constructor(every: number) {
    this.every = every;
    this.#untilSample = every;
  }

  /** Counts one message. Returns whether it is to be sampled. */
  count(): boolean {
    this.messages += 1;
    this.#untilSample -= 1;
    if (this.#untilSample > 0) return false;
    this.#untilSample = this.every;
    return true;
  }

  /** Removes the samples. */
  clear(): void {
    this.stamps.length = 0;
    this.ages.length = 0;
  }

  sample(stamp: number): void {
    this.stamps.push(stamp);
    this.ages.push(performance.now() * 1000 - stamp);
  }
}

/** FrameListener receives the events of a scanner. */
export interface FrameListener {
  /** A data frame ended. `first` is the first byte of its payload, 0 if it is empty. */
  frame(first: number): void;
  /** The server sent a close frame or an invalid frame. */
  closed(): void;
}

const CLOSE = 8;
const ZERO = 0x30;

/** FrameScanner parses frames from a server (RFC 6455, section 5.2), which are not masked. */
export class FrameScanner {
  /** Messages counted on this socket. */
  messages = 0;
  readonly #tally: Tally;
  readonly #listener: FrameListener;
  /** Header of the current frame, and how many bytes of it were received. */
  readonly #header = new Uint8Array(10);
  #headerLength = 0;
  /** Missing bytes of the frame's payload. */
  #left = 0;
  #opcode = 0;
  #isOver = false;
  #first = 0;
  /** Missing digits of a sampled stamp, and its value so far. */
  #digitsLeft = 0;
  #stamp = 0;

  constructor(tally: Tally, listener: FrameListener) {
    this.#tally = tally;
    this.#listener = listener;
  }

  /** Reads bytes `start` to `end` of `chunk`. */
  read(chunk: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#isOver) {
      if (this.#left === 0) {
        at = this.#readHeader(chunk, at, end);
        if (this.#headerLength > 0) return; // The rest of the header is in the next chunk.
      } else {
        const stop = Math.min(end, at + this.#left);
        this.#left -= stop - at;
        if (this.#opcode < CLOSE) this.#readPayload(chunk, at, stop);
        at = stop;
      }
      if (this.#left === 0) this.#endFrame();
    }
  }

  /** Reads a header as far as it was received. When it is complete, resets its length to 0 and starts the frame. */
  #readHeader(chunk: Buffer, start: number, end: number): number {
    const header = this.#header;
    for (let at = start; at < end; at += 1) {
      header[this.#headerLength] = chunk[at] ?? 0;
      this.#headerLength += 1;
      if (this.#headerLength < 2) continue;
      const short = header[1] ?? 0;
      const whole = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (short > 127) {
        this.#end();
        return end;
      }
      if (this.#headerLength < whole) continue;
      this.#left = whole === 2 ? short : 0;
      for (let i = 2; i < whole; i += 1) this.#left = this.#left * 256 + (header[i] ?? 0);
      this.#opcode = (header[0] ?? 0) & 0x0f;
      this.#headerLength = 0;
      this.#first = 0;
      return at + 1;
    }
    return end;
  }

  #readPayload(chunk: Buffer, start: number, end: number): void {
    if (this.#first === 0) this.#first = chunk[start] ?? 0;
    let at = this.#digitsLeft > 0 ? this.#readStamp(chunk, start, end) : start;
    for (;;) {
      at = chunk.indexOf(MARKER, at);
      if (at === -1 || at >= end) return;
      at += 1;
      this.messages += 1;
      if (this.#tally.count()) {
        this.#digitsLeft = STAMP_DIGITS;
        this.#stamp = 0;
        at = this.#readStamp(chunk, at, end);
      }
    }
  }

  #readStamp(chunk: Buffer, start: number, end: number): number {
    const stop = Math.min(end, start + this.#digitsLeft);
    for (let at = start; at < stop; at += 1) this.#stamp = this.#stamp * 10 + (chunk[at] ?? ZERO) - ZERO;
    this.#digitsLeft -= stop - start;
    if (this.#digitsLeft === 0) this.#tally.sample(this.#stamp);
    return stop;
  }

  #endFrame(): void {
    if (this.#opcode === CLOSE) this.#end();
    else if (this.#opcode < CLOSE) this.#listener.frame(this.#first);
  }

  #end(): void {
    this.#isOver = true;
    this.#listener.closed();
  }
}
