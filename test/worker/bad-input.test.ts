import { describe, expect, test } from "vitest";
import { MAX_FRAME_BYTES, MAX_TEXT_BYTES } from "../../src/protocol/limits.ts";
import { freshRoom, join, openPlain, openSilent } from "./rooms.ts";

/** Answer is what a connection receives: the codes and ids of the errors, and the close code if it is closed. */
interface Answer {
  readonly errors?: readonly string[];
  readonly ids?: readonly (string | undefined)[];
  readonly close?: number;
}

const send = (fields: string) => `{"type":"send",${fields}}`;
const bytes = (text: string) => new TextEncoder().encode(text).slice().buffer;

/** Frames of a joined connection, and their answers. */
const TABLE: readonly [name: string, frame: string | ArrayBuffer, answer: Answer][] = [
  ["a binary frame", bytes(send('"id":"a","text":"x"')), { close: 1003 }],
  ["invalid JSON", '{"type":"send"', { errors: ["bad_request"] }],
  ["three lines that are not JSON", "x\ny\nz", { errors: Array(3).fill("bad_request"), close: 1007 }],
  [
    "two lines that are not JSON, twice",
    'x\ny\n{"type":"ping"}\nx\ny',
    { errors: Array(4).fill("bad_request") },
  ],
  ["an unknown type", '{"type":"shout","id":"a"}', { errors: ["bad_request"], ids: ["a"] }],
  ["an array", "[]", { errors: ["bad_request"] }],
  ["a second hello", '{"type":"hello"}', { errors: ["bad_request"] }],
  ["a text that is a number", send('"id":"a","text":7'), { errors: ["bad_request"], ids: ["a"] }],
  [
    "a reply that is a string",
    send('"id":"a","text":"x","reply":"1"'),
    { errors: ["bad_request"], ids: ["a"] },
  ],
  [
    "a text one byte over the limit",
    send(`"id":"a","text":"${"x".repeat(MAX_TEXT_BYTES + 1)}"`),
    { errors: ["too_long"], ids: ["a"] },
  ],
  ["a frame one byte over the limit", " ".repeat(MAX_FRAME_BYTES + 1), { close: 1009 }],
  ["10,000 lines in one frame", "{}\n".repeat(10_000), { errors: ["bad_request"] }],
  [
    "1,000 lines that are not commands",
    "{}\n".repeat(1_000),
    { errors: Array(201).fill("bad_request"), close: 4029 },
  ],
  ["a lone surrogate", send('"id":"a","text":"\\ud83d"'), { errors: ["bad_request"], ids: ["a"] }],
  [
    "600 typing lines",
    '{"type":"typing","on":false}\n'.repeat(600),
    { errors: Array(100).fill("rate_limited") },
  ],
  ["NUL", send('"id":"a","text":"a\\u0000b"'), { errors: ["bad_request"], ids: ["a"] }],
  [
    "a command inside __proto__",
    '{"__proto__":{"type":"send","id":"a","text":"x"}}',
    { errors: ["bad_request"] },
  ],
  [
    "an id of 65 characters",
    send(`"id":"${"a".repeat(65)}","text":"x"`),
    { errors: ["bad_request"], ids: [undefined] },
  ],
  ["a command without an id", send('"text":"x"'), { errors: ["bad_request"] }],
  ["a blank text", send('"id":"a","text":" \\n"'), { errors: ["bad_request"], ids: ["a"] }],
  ["deeply nested arrays", `${"[".repeat(15_000)}${"]".repeat(15_000)}`, { errors: ["bad_request"] }],
  [
    "a target that is not a seq",
    '{"type":"delete","id":"a","target":1e99}',
    { errors: ["bad_request"], ids: ["a"] },
  ],
  [
    "an emoji that is not one",
    '{"type":"react","id":"a","target":1,"emoji":"ok","on":true}',
    { errors: ["bad_request"], ids: ["a"] },
  ],
];

describe("bad input in chat.v1", () => {
  test.each(TABLE)(
    "answers %s and sends nothing to others",
    async (_, frame, { errors = [], ids, close }) => {
      const room = freshRoom();
      const reader = await join(room, { name: "Reader" });
      const sender = await join(room, { name: "Sender" });
      await reader.linesUntil((line) => line.type === "presence" && line.online === 2);
      const count = reader.heard.length;

      sender.sendFrame(frame);
      for (const [index, code] of errors.entries()) {
        const error = await sender.next("error");
        expect(error.code).toBe(code);
        expect(error.message).toMatch(/^[^\n]{3,100}$/);
        if (ids !== undefined) expect(error.id).toBe(ids[index]);
      }
      if (close === undefined) {
        sender.command({ type: "send", id: "after", text: "hi" });
        expect(await sender.next("ok")).toEqual({ type: "ok", id: "after", seq: 1 });
        expect(await reader.next("message")).toMatchObject({ seq: 1, text: "hi" });
        expect(reader.heard).toHaveLength(count + 1);
      } else {
        expect(await sender.closed).toMatchObject({ code: close, reason: expect.stringMatching(/./) });
        reader.command({ type: "send", id: "after", text: "hi" });
        expect(await reader.next("ok")).toEqual({ type: "ok", id: "after", seq: 1 });
      }
      const { welcome } = await join(room);
      expect(welcome.events).toHaveLength(1);
    },
  );

  test("is not_joined before hello, and hello still works", async () => {
    const socket = await openSilent(freshRoom());
    const lines = [
      send('"id":"a","text":"x"'),
      '{"type":"typing","on":true}',
      '{"type":"history","id":"h","before":1,"limit":1}',
    ];
    socket.sendFrame(lines.join("\n"));
    for (const id of ["a", undefined, "h"]) {
      const error = await socket.next("error");
      expect(error.code).toBe("not_joined");
      expect(error.id).toBe(id);
    }
    socket.sendFrame('{"type":"hello","key":"short"}');
    expect(await socket.next("error")).toMatchObject({ code: "bad_request" });
    socket.command({ type: "hello" });
    expect(await socket.next("welcome")).toMatchObject({ seq: 0 });
  });

  test("does not affect the other lines of its frame", async () => {
    const ann = await join(freshRoom());
    ann.sendFrame([send('"id":"a","text":"one"'), "nonsense", send('"id":"b","text":"two"')].join("\n"));
    const lines = await ann.linesUntil((line) => line.type === "message" && line.seq === 2);
    expect(lines.filter((line) => line.type !== "presence")).toMatchObject([
      { type: "error", code: "bad_request" },
      { type: "ok", id: "a", seq: 1 },
      { type: "ok", id: "b", seq: 2 },
      { type: "message", text: "one" },
      { type: "message", text: "two" },
    ]);
  });

  test("excludes a text of exactly the limit", async () => {
    const ann = await join(freshRoom());
    const text = "团".repeat(Math.floor(MAX_TEXT_BYTES / 3));
    ann.command(...["a", "b", "c"].map((id) => ({ type: "send", id, text }) as const));
    for (const seq of [1, 2, 3]) expect(await ann.next("message")).toMatchObject({ seq, text });
  });
});

describe("bad input in plain mode", () => {
  test("closes 1009 for a frame over the text limit and stores nothing", async () => {
    const room = freshRoom();
    const plain = await openPlain(room);
    plain.say("x".repeat(MAX_TEXT_BYTES + 1));
    expect(await plain.closed).toMatchObject({ code: 1009 });
    expect((await join(room)).welcome.seq).toBe(0);
  });

  test("replaces NUL and invalid UTF-8 with U+FFFD", async () => {
    const plain = await openPlain(freshRoom());
    plain.sendFrame(new Uint8Array([0x61, 0xff, 0x62]).buffer);
    expect(await plain.nextLine()).toBe("a\uFFFDb");
    plain.say("a\0b");
    expect(await plain.nextLine()).toBe("a\uFFFDb");
  });
});
