import { describe, expect, test } from "vitest";
import { CloseCode, MAX_FRAME_BYTES, MAX_FRAME_LINES, MAX_TEXT_BYTES } from "../../../src/protocol/index.ts";
import { decodeFrame } from "../../../src/room/decode-frame.ts";

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).slice().buffer;

describe("plain mode", () => {
  const decode = (frame: string | ArrayBuffer) => [...decodeFrame("plain", frame)];
  const tooBig = [{ type: "close", code: CloseCode.MessageTooBig }];

  test("decodes a frame as one text, without newlines and outer spaces", () => {
    expect(decode("  two\nlines \r\n")).toEqual([{ type: "text", text: "two lines" }]);
  });

  test("decodes a binary frame as UTF-8, with invalid bytes replaced", () => {
    expect(decode(bytes("团队"))).toEqual([{ type: "text", text: "团队" }]);
    expect(decode(new Uint8Array([0x61, 0xff, 0x62]).buffer)).toEqual([{ type: "text", text: "a\uFFFDb" }]);
  });

  test("ignores a blank frame", () => {
    expect([decode(""), decode(" \n\t")]).toEqual([[], []]);
  });

  test("closes 1009 on a frame longer than a text may be", () => {
    const longest = "é".repeat(MAX_TEXT_BYTES / 2);
    expect([decode(longest), decode(bytes(longest))]).toMatchObject([[{ type: "text" }], [{ type: "text" }]]);
    expect([decode(`${longest}x`), decode(bytes(`${longest}x`))]).toEqual([tooBig, tooBig]);
  });
});

describe("chat.v1", () => {
  const decode = (frame: string | ArrayBuffer) => [...decodeFrame("chat.v1", frame)];
  const ping = '{"type":"ping"}';
  const command = { type: "command", command: { type: "ping" } };

  test("decodes each line in order, whether it is valid or not", () => {
    const parts = decode(`${ping}\n[]\n\n{"type":"unknown","id":"a"}\n${ping}\n`);
    expect(parts).toMatchObject([
      command,
      { type: "invalid", error: { code: "bad_request" } },
      { type: "invalid", error: { code: "bad_request", id: "a" } },
      command,
    ]);
  });

  test("marks the lines that are not JSON, and only those", () => {
    const marks = decode(`x\n{"type":1}\n{\n"text"\n`).map(
      (part) => part.type === "invalid" && part.error.notJson,
    );
    expect(marks).toEqual([true, undefined, true, undefined]);
  });

  test("closes 1003 on a binary frame", () => {
    expect(decode(bytes(ping))).toEqual([{ type: "close", code: CloseCode.UnsupportedData }]);
  });

  test("closes 1009 on a frame longer than 32,768 bytes", () => {
    const padded = (length: number) => ping + "\n".repeat(length - ping.length);
    expect(decode(padded(MAX_FRAME_BYTES))).toEqual([command]);
    expect(decode(padded(MAX_FRAME_BYTES + 1))).toEqual([{ type: "close", code: CloseCode.MessageTooBig }]);
    expect(decode("团".repeat(MAX_FRAME_BYTES / 2))).toMatchObject([{ type: "close" }]);
  });

  test("rejects a frame of more than 1,000 lines as one invalid line", () => {
    const lines = (count: number) => Array(count).fill("{}").join("\n");
    expect(decode(lines(MAX_FRAME_LINES))).toHaveLength(MAX_FRAME_LINES);
    expect(decode(lines(MAX_FRAME_LINES + 1))).toMatchObject([
      { type: "invalid", error: { code: "bad_request" } },
    ]);
  });
});
