// The bench's reader: whatever way a stream of frames is cut into reads, it counts the same messages.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameScanner, Tally } from "../../bench/load/frame-scanner.ts";
import { frameBytes, Opcode } from "../../helpers/raw-socket.ts";

/** Payloads of up to 70,000 bytes, so that each of the three lengths of header occurs. */
const payload = fc.record({
  stamps: fc.array(fc.integer({ min: 0, max: 99_999_999_999 }), { maxLength: 20 }),
  padding: fc.constantFrom(0, 1, 100, 60_000),
});

interface Heard {
  readonly frames: string[];
  closed: number;
}

function scan(bytes: Buffer, cuts: readonly number[], every = 1) {
  const heard: Heard = { frames: [], closed: 0 };
  const tally = new Tally(every);
  const scanner = new FrameScanner(tally, {
    frame: (first) => heard.frames.push(first === 0 ? "" : String.fromCharCode(first)),
    closed: () => {
      heard.closed += 1;
    },
  });
  // Every read lies somewhere in a buffer that holds other bytes too, markers among them.
  let from = 0;
  for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    const inbox = Buffer.alloc(to - from + 20, "^");
    bytes.copy(inbox, 10, from, to);
    scanner.read(inbox, 10, 10 + to - from);
    from = to;
  }
  return { tally, scanner, heard };
}

const text = (stamp: number) => `^${String(stamp).padStart(11, "0")} said`;
const frame = (content: string, opcode: number = Opcode.Text) =>
  frameBytes({ opcode, payload: content, masked: false });

describe("the scanner of frames", () => {
  test("counts each message and reads each stamp, however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(payload, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (payloads, cuts) => {
          const bytes = payloads.map(({ stamps, padding }) =>
            frame(`{${stamps.map(text).join("\n")}${" ".repeat(padding)}`),
          );
          const { tally, scanner, heard } = scan(Buffer.concat(bytes), cuts);
          const stamps = payloads.flatMap((one) => one.stamps);
          expect(scanner.messages).toBe(stamps.length);
          expect(tally.messages).toBe(stamps.length);
          expect(tally.stamps).toEqual(stamps);
          expect(heard.frames).toEqual(payloads.map(() => "{"));
        },
      ),
    );
  });

  test("counts nothing in pings and pongs, whatever they hold", () => {
    const bytes = Buffer.concat([frame(text(1), Opcode.Ping), frame(text(2), Opcode.Pong), frame("x")]);
    const { scanner, heard } = scan(bytes, []);
    expect(scanner.messages).toBe(0);
    expect(heard).toEqual({ frames: ["x"], closed: 0 });
  });

  test("counts the messages of all fragments of a message", () => {
    const bytes = Buffer.concat([
      frameBytes({ opcode: Opcode.Text, payload: text(1), fin: false, masked: false }),
      frame(text(2), Opcode.Continuation),
    ]);
    expect(scan(bytes, []).scanner.messages).toBe(2);
  });

  test("tells of a close frame, with and without a code", () => {
    expect(scan(frame("\x03\xe8", Opcode.Close), []).heard.closed).toBe(1);
    expect(scan(frame("", Opcode.Close), [1]).heard.closed).toBe(1);
  });

  test("takes a masked frame, which no server may send, for the end", () => {
    const masked = frameBytes({ opcode: Opcode.Text, payload: "x", masked: true });
    expect(scan(masked, []).heard.closed).toBe(1);
  });

  test("samples one message in so many", () => {
    const bytes = frame(Array.from({ length: 100 }, (_, i) => text(i + 1)).join("\n"));
    const { tally } = scan(bytes, [], 7);
    expect(tally.messages).toBe(100);
    expect(tally.stamps).toEqual([7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98]);
  });

  test("reports an empty frame", () => {
    expect(scan(frame(""), []).heard.frames).toEqual([""]);
  });
});
