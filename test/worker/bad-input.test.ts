import { describe, expect, it, test } from "vitest";
import { MAX_FRAME_BYTES, MAX_TEXT_BYTES } from "../../src/protocol/limits.ts";
import { freshRoom, join, openPlain, openSilent } from "./rooms.ts";

/** What a connection is answered: the codes of its errors, and the code that closes it where one does. */
interface Answer {
  readonly errors?: readonly string[];
  readonly ids?: readonly (string | undefined)[];
  readonly close?: number;
}

const send = (fields: string) => `{"type":"send",${fields}}`;
const bytes = (text: string) => new TextEncoder().encode(text).slice().buffer;

/** Every frame comes from someone who has joined, and is answered so. */
const TABLE: readonly [what: string, frame: string | ArrayBuffer, answer: Answer][] = [
  ["binary", bytes(send('"id":"a","text":"x"')), { close: 1003 }],
  ["broken JSON", '{"type":"send"', { errors: ["bad_request"] }],
  ["three lines that are not JSON", "x\ny\nz", { errors: Array(3).fill("bad_request"), close: 1007 }],
  [
    "two lines that are not JSON, and two more",
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
    "1,000 lines that are no command",
    "{}\n".repeat(1_000),
    { errors: Array(201).fill("bad_request"), close: 4029 },
  ],
  ["a lone surrogate", send('"id":"a","text":"\\ud83d"'), { errors: ["bad_request"], ids: ["a"] }],
  [
    "600 lines of typing",
    '{"type":"typing","on":false}\n'.repeat(600),
    { errors: Array(100).fill("rate_limited") },
  ],
  ["NUL", send('"id":"a","text":"a\\u0000b"'), { errors: ["bad_request"], ids: ["a"] }],
  [
    "a command in __proto__",
    '{"__proto__":{"type":"send","id":"a","text":"x"}}',
    { errors: ["bad_request"] },
  ],
  [
    "an id of 65 characters",
    send(`"id":"${"a".repeat(65)}","text":"x"`),
    { errors: ["bad_request"], ids: [undefined] },
  ],
  ["no id", send('"text":"x"'), { errors: ["bad_request"] }],
  ["a blank text", send('"id":"a","text":" \\n"'), { errors: ["bad_request"], ids: ["a"] }],
  ["nesting that is deep", `${"[".repeat(15_000)}${"]".repeat(15_000)}`, { errors: ["bad_request"] }],
  [
    "a number that is no seq",
    '{"type":"delete","id":"a","target":1e99}',
    { errors: ["bad_request"], ids: ["a"] },
  ],
  [
    "an emoji that is none",
    '{"type":"react","id":"a","target":1,"emoji":"ok","on":true}',
    { errors: ["bad_request"], ids: ["a"] },
  ],
];

describe("bad input in chat.v1", () => {
  test.each(TABLE)(
    "%s gets its answer, and nobody else notices",
    async (_what, frame, { errors = [], ids, close }) => {
      const room = freshRoom();
      const witness = await join(room, { name: "Witness" });
      const offender = await join(room, { name: "Offender" });
      await witness.linesUntil((line) => line.type === "presence" && line.online === 2);
      const noticed = witness.heard.length;

      offender.sendFrame(frame);
      for (const [index, code] of errors.entries()) {
        const error = await offender.next("error");
        expect(error.code).toBe(code);
        expect(error.message).toMatch(/^[^\n]{3,100}$/);
        if (ids !== undefined) expect(error.id).toBe(ids[index]);
      }
      if (close === undefined) {
        offender.command({ type: "send", id: "after", text: "still here" });
        expect(await offender.next("ok")).toEqual({ type: "ok", id: "after", seq: 1 });
        expect(await witness.next("message")).toMatchObject({ seq: 1, text: "still here" });
        expect(witness.heard).toHaveLength(noticed + 1);
      } else {
        expect(await offender.closed).toMatchObject({ code: close, reason: expect.stringMatching(/./) });
        witness.command({ type: "send", id: "after", text: "still here" });
        expect(await witness.next("ok")).toEqual({ type: "ok", id: "after", seq: 1 });
      }
      const { welcome } = await join(room);
      expect(welcome.events).toHaveLength(1);
    },
  );

  it("of someone who has not said hello is answered not_joined, and hello still works", async () => {
    const socket = await openSilent(freshRoom());
    const early = [
      send('"id":"a","text":"x"'),
      '{"type":"typing","on":true}',
      '{"type":"history","id":"h","before":1,"limit":1}',
    ];
    socket.sendFrame(early.join("\n"));
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

  it("in one line of a frame leaves the other lines their effect", async () => {
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

  it("takes a text of exactly the limit in a frame of several", async () => {
    const ann = await join(freshRoom());
    const text = "团".repeat(Math.floor(MAX_TEXT_BYTES / 3));
    ann.command(...["a", "b", "c"].map((id) => ({ type: "send", id, text }) as const));
    for (const seq of [1, 2, 3]) expect(await ann.next("message")).toMatchObject({ seq, text });
  });
});

describe("bad input in plain mode", () => {
  it("of a frame over the text limit closes 1009, and nothing of it is stored", async () => {
    const room = freshRoom();
    const plain = await openPlain(room);
    plain.say("x".repeat(MAX_TEXT_BYTES + 1));
    expect(await plain.closed).toMatchObject({ code: 1009 });
    expect((await join(room)).welcome.seq).toBe(0);
  });

  it("of NUL and broken UTF-8 is shown as replaced characters", async () => {
    const plain = await openPlain(freshRoom());
    plain.sendFrame(new Uint8Array([0x61, 0xff, 0x62]).buffer);
    expect(await plain.nextLine()).toBe("a\uFFFDb");
    plain.say("a\0b");
    expect(await plain.nextLine()).toBe("a\uFFFDb");
  });
});
