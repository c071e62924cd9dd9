import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_TEXT_BYTES, parseCommand, parsePost, parseServerLine } from "../../../src/protocol/index.ts";

const key = "k".repeat(22);

describe("parseCommand", () => {
  test.each([
    ['{"type":"hello"}', { type: "hello", history: 50 }],
    [
      `{"type":"hello","name":"Ann","key":"${key}","resume":{"epoch":"e","seq":0},"history":0}`,
      { type: "hello", name: "Ann", key, resume: { epoch: "e", seq: 0 }, history: 0 },
    ],
    ['{"type":"send","id":"a","text":"hi"}', { type: "send", id: "a", text: "hi" }],
    ['{"id":"a","text":"hi","reply":3,"type":"send"}', { type: "send", id: "a", text: "hi", reply: 3 }],
    ['{"type":"send","id":"a","text":"hi","later":1}', { type: "send", id: "a", text: "hi" }],
    ['{"type":"send","id":"a","text":"hi","__proto__":{"x":1}}', { type: "send", id: "a", text: "hi" }],
    ['{"type":"edit","id":"a","target":1,"text":"x"}', { type: "edit", id: "a", target: 1, text: "x" }],
    ['{"type":"delete","id":"a","target":1}', { type: "delete", id: "a", target: 1 }],
    [
      '{"type":"react","id":"a","target":1,"emoji":"👨‍👩‍👧‍👦","on":false}',
      { type: "react", id: "a", target: 1, emoji: "👨‍👩‍👧‍👦", on: false },
    ],
    ['{"type":"rename","id":"a","name":""}', { type: "rename", id: "a", name: "" }],
    ['{"type":"typing","on":true}', { type: "typing", on: true }],
    [
      '{"type":"history","id":"a","before":1,"limit":100}',
      { type: "history", id: "a", before: 1, limit: 100 },
    ],
    [' {"type":"ping"} ', { type: "ping" }],
  ])("accepts %s", (line, value) => {
    expect(parseCommand(line)).toEqual({ ok: true, value });
  });

  test.each([
    ["", "bad_request", undefined],
    ["{", "bad_request", undefined],
    ["null", "bad_request", undefined],
    ["[]", "bad_request", undefined],
    ['"send"', "bad_request", undefined],
    ["{}", "bad_request", undefined],
    ['{"type":1}', "bad_request", undefined],
    ['{"type":"shout","id":"a"}', "bad_request", "a"],
    ['{"type":"__proto__","id":"a"}', "bad_request", "a"],
    ['{"type":"constructor"}', "bad_request", undefined],
    ['{"__proto__":{"type":"send","id":"a","text":"hi"}}', "bad_request", undefined],
    ['{"type":"send","text":"hi"}', "bad_request", undefined],
    ['{"type":"send","id":"","text":"hi"}', "bad_request", undefined],
    ['{"type":"send","id":"a b","text":"hi"}', "bad_request", undefined],
    [`{"type":"send","id":"${"a".repeat(65)}","text":"hi"}`, "bad_request", undefined],
    ['{"type":"send","id":"a"}', "bad_request", "a"],
    ['{"type":"send","id":"a","text":1}', "bad_request", "a"],
    ['{"type":"send","id":"a","text":""}', "bad_request", "a"],
    ['{"type":"send","id":"a","text":" \\n "}', "bad_request", "a"],
    ['{"type":"send","id":"a","text":"\\u0000"}', "bad_request", "a"],
    ['{"type":"send","id":"a","text":"\\ud800"}', "bad_request", "a"],
    ['{"type":"send","id":"a","text":"\\u001b[31mred"}', "bad_request", "a"],
    ['{"type":"send","id":"a","text":"\\u009b31mred"}', "bad_request", "a"],
    [`{"type":"send","id":"a","text":"${"a".repeat(MAX_TEXT_BYTES + 1)}"}`, "too_long", "a"],
    [`{"type":"edit","id":"a","target":1,"text":"${"团".repeat(2731)}"}`, "too_long", "a"],
    ['{"type":"send","id":"a","text":"hi","reply":0}', "bad_request", "a"],
    ['{"type":"send","id":"a","text":"hi","reply":1.5}', "bad_request", "a"],
    ['{"type":"delete","id":"a","target":"1"}', "bad_request", "a"],
    ['{"type":"delete","id":"a","target":1e400}', "bad_request", "a"],
    ['{"type":"react","id":"a","target":1,"emoji":"x","on":true}', "bad_request", "a"],
    ['{"type":"react","id":"a","target":1,"emoji":"👍👍","on":true}', "bad_request", "a"],
    ['{"type":"react","id":"a","target":1,"emoji":"__proto__","on":true}', "bad_request", "a"],
    ['{"type":"react","id":"a","target":1,"emoji":"👍","on":1}', "bad_request", "a"],
    ['{"type":"rename","id":"a"}', "bad_request", "a"],
    ['{"type":"typing"}', "bad_request", undefined],
    ['{"type":"history","id":"a","before":1,"limit":0}', "bad_request", "a"],
    ['{"type":"history","id":"a","before":1,"limit":101}', "bad_request", "a"],
    ['{"type":"hello","key":"short"}', "bad_request", undefined],
    [`{"type":"hello","key":"${"k".repeat(129)}"}`, "bad_request", undefined],
    ['{"type":"hello","name":7}', "bad_request", undefined],
    ['{"type":"hello","history":101}', "bad_request", undefined],
    ['{"type":"hello","history":-1}', "bad_request", undefined],
    ['{"type":"hello","resume":{"epoch":"e"}}', "bad_request", undefined],
    ['{"type":"hello","resume":{"epoch":"e","seq":-1}}', "bad_request", undefined],
    ['{"type":"hello","resume":7}', "bad_request", undefined],
  ])("rejects %s as %s", (line, code, id) => {
    const parsed = parseCommand(line);
    expect(parsed).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(/^[^\n]+$/) } });
    expect(!parsed.ok && parsed.error.id).toBe(id);
  });

  test("reads null as an absent optional field", () => {
    const send = '{"type":"send","id":"a","text":"hi","reply":null}';
    expect(parseCommand(send)).toEqual({ ok: true, value: { type: "send", id: "a", text: "hi" } });
    const hello = '{"type":"hello","name":null,"key":null,"resume":null,"history":null}';
    expect(parseCommand(hello)).toEqual({ ok: true, value: { type: "hello", history: 50 } });
    expect(parseCommand('{"type":"send","id":"a","text":null}')).toMatchObject({ ok: false });
  });

  test("accepts a text of exactly the limit", () => {
    const text = "é".repeat(MAX_TEXT_BYTES / 2);
    expect(parseCommand(JSON.stringify({ type: "send", id: "a", text })).ok).toBe(true);
  });

  test("answers any line with a command or one sentence, and never throws", () => {
    const field = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    );
    const type = fc.constantFrom(
      "hello",
      "send",
      "edit",
      "delete",
      "react",
      "rename",
      "typing",
      "history",
      "ping",
    );
    const object = fc.record(
      {
        type,
        id: field,
        text: field,
        target: field,
        emoji: field,
        on: field,
        name: field,
        key: field,
        before: field,
      },
      { requiredKeys: ["type"] },
    );
    const anything = fc.oneof(
      object.map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(anything, (line) => {
        const parsed = parseCommand(line);
        if (parsed.ok) expect(parseCommand(JSON.stringify(parsed.value))).toEqual(parsed);
        else expect(parsed.error.message).not.toMatch(/\n|Invalid|Expected/);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("parsePost", () => {
  test("accepts a text with an optional name, key and id", () => {
    expect(parsePost('{"text":"hi"}')).toEqual({ ok: true, value: { text: "hi" } });
    const body = { text: "hi", name: "Ann", key, id: "a" };
    expect(parsePost(JSON.stringify(body))).toEqual({ ok: true, value: body });
  });

  test.each([
    ["", "bad_request"],
    ["text=hi", "bad_request"],
    ["[]", "bad_request"],
    ['{"text":1}', "bad_request"],
    ['{"text":"hi","id":"a b"}', "bad_request"],
    [`{"text":"${"a".repeat(MAX_TEXT_BYTES + 1)}"}`, "too_long"],
  ])("rejects %s as %s", (body, code) => {
    expect(parsePost(body)).toMatchObject({ ok: false, error: { code } });
  });
});

describe("parseServerLine", () => {
  test("parses known lines, drops unknown fields and returns null otherwise", () => {
    expect(parseServerLine('{"type":"ok","id":"a","seq":1,"later":true}')).toEqual({
      type: "ok",
      id: "a",
      seq: 1,
    });
    expect(parseServerLine('{"type":"later"}')).toBeNull();
    expect(parseServerLine("not JSON")).toBeNull();
    expect(parseServerLine('{"type":"ok"}')).toBeNull();
  });

  test("reads an unknown error code as internal", () => {
    const line = '{"type":"error","code":"later","message":"not now"}';
    expect(parseServerLine(line)).toEqual({ type: "error", code: "internal", message: "not now" });
  });
});
