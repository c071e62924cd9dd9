// The bench's frame scanner counts the same messages however a stream of frames is split into chunks.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameScanner, Tally } from "../../bench/load/frame-scanner.ts";
import { frameBytes, Opcode } from "../../helpers/raw-socket.ts";

/** Payloads of up to 70,000 bytes, so that all three header lengths occur. */
const payload = fc.record({
  stamps: fc.array(fc.integer({ min: 0, max: 99_999_999_999 }), { maxLength: 20 }),
  padding: fc.constantFrom(0, 1, 100, 60_000),
});

interface Received {
  readonly frames: string[];
  closed: number;
}

function scan(bytes: Buffer, cuts: readonly number[], every = 1) {
  const received: Received = { frames: [], closed: 0 };
  const tally = new Tally(every);
  const scanner = new FrameScanner(tally, {
    frame: (first) => received.frames.push(first === 0 ? "" : String.fromCharCode(first)),
    closed: () => {
      received.closed += 1;
    },
  });
  // Each chunk is in the middle of a buffer with other bytes, including markers.
  let from = 0;
  for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    const buffer = Buffer.alloc(to - from + 20, "^");
    bytes.copy(buffer, 10, from, to);
    scanner.read(buffer, 10, 10 + to - from);
    from = to;
  }
  return { tally, scanner, received };
}

const text = (stamp: number) => `^${String(stamp).padStart(11, "0")} said`;
const frame = (content: string, opcode: number = Opcode.Text) =>
  frameBytes({ opcode, payload: content, masked: false });

describe("FrameScanner", () => {
  test("counts each message and reads each stamp, however the stream is split", () => {
    fc.assert(
      fc.property(
        fc.array(payload, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (payloads, cuts) => {
          const bytes = payloads.map(({ stamps, padding }) =>
            frame(`{${stamps.map(text).join("\n")}${" ".repeat(padding)}`),
          );
          const { tally, scanner, received } = scan(Buffer.concat(bytes), cuts);
          const stamps = payloads.flatMap((one) => one.stamps);
          expect(scanner.messages).toBe(stamps.length);
          expect(tally.messages).toBe(stamps.length);
          expect(tally.stamps).toEqual(stamps);
          expect(received.frames).toEqual(payloads.map(() => "{"));
        },
      ),
    );
  });

  test("counts nothing in pings and pongs", () => {
    const bytes = Buffer.concat([frame(text(1), Opcode.Ping), frame(text(2), Opcode.Pong), frame("x")]);
    const { scanner, received } = scan(bytes, []);
    expect(scanner.messages).toBe(0);
    expect(received).toEqual({ frames: ["x"], closed: 0 });
  });

  test("counts messages in all fragments", () => {
    const bytes = Buffer.concat([
      frameBytes({ opcode: Opcode.Text, payload: text(1), fin: false, masked: false }),
      frame(text(2), Opcode.Continuation),
    ]);
    expect(scan(bytes, []).scanner.messages).toBe(2);
  });

  test("reports a close frame with or without a code", () => {
    expect(scan(frame("\x03\xe8", Opcode.Close), []).received.closed).toBe(1);
    expect(scan(frame("", Opcode.Close), [1]).received.closed).toBe(1);
  });

  test("ends at a masked frame, which a server must not send", () => {
    const masked = frameBytes({ opcode: Opcode.Text, payload: "x", masked: true });
    expect(scan(masked, []).received.closed).toBe(1);
  });

  test("samples one message in a given number", () => {
    const bytes = frame(Array.from({ length: 100 }, (_, i) => text(i + 1)).join("\n"));
    const { tally } = scan(bytes, [], 7);
    expect(tally.messages).toBe(100);
    expect(tally.stamps).toEqual([7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98]);
  });

  test("reports an empty frame", () => {
    expect(scan(frame(""), []).received.frames).toEqual([""]);
  });
});
