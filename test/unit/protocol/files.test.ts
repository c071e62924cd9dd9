import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyChange,
  fileAddresses,
  type Message,
  originalBody,
  ownText,
  parseCommand,
  parsePost,
  parseServerLine,
  plainTexts,
  withAddresses,
} from "../../../src/protocol/index.ts";

const A = "a".repeat(22);
const B = "b".repeat(22);
const ADDRESSES = ["https://chat.example/api/rooms/r/files/a", "https://chat.example/api/rooms/r/files/b"];
const FILES = [
  { id: A, type: "image/png", bytes: 3, name: "cat.png", w: 4, h: 5, alt: "A cat", blur: "1QcS" },
  { id: B, type: "application/zip", bytes: 9 },
];
const MESSAGE: Message = {
  ...{ type: "message", seq: 1, at: 10, user: "u", name: "Ann" },
  text: withAddresses("one\ntwo", ADDRESSES),
  files: FILES,
};

/** Parses a `send` with these fields. */
function send(fields: object) {
  return parseCommand(JSON.stringify({ type: "send", id: "a", text: "", ...fields }));
}

describe("send with files", () => {
  test.each([
    ["a file", [{ id: A }]],
    ["a description and a preview", [{ id: A, alt: "A cat, \u5c0f\u732b", blur: "a-_9" }]],
    ["four files", ["a", "b", "c", "d"].map((it) => ({ id: it.repeat(22) }))],
  ])("accepts %s without a text", (_, files) => {
    expect(send({ files })).toEqual({ ok: true, value: { type: "send", id: "a", text: "", files } });
  });

  test("ignores what only the server decides, and fields that are null", () => {
    const files = [{ id: A, type: "text/html", bytes: 1, w: 1, alt: null, blur: null }];
    expect(send({ files, reply: null })).toEqual({
      ok: true,
      value: { type: "send", id: "a", text: "", files: [{ id: A }] },
    });
  });

  test.each([
    ["no file", []],
    ["five files", ["a", "b", "c", "d", "e"].map((it) => ({ id: it.repeat(22) }))],
    ["a file twice", [{ id: A }, { id: A }]],
    ["a short id", [{ id: "a" }]],
    ["an id with a slash", [{ id: `${"a".repeat(21)}/` }]],
    ["an id that is missing", [{}]],
    ["a file that is null", [null]],
    ["a description of two lines", [{ id: A, alt: "a\nb" }]],
    ["a description that changes the direction", [{ id: A, alt: "\u202eabc" }]],
    ["a long description", [{ id: A, alt: "a".repeat(1001) }]],
    ["a long preview", [{ id: A, blur: "a".repeat(65) }]],
    ["an empty preview", [{ id: A, blur: "" }]],
    ["a preview that is no base64url", [{ id: A, blur: "a+/=" }]],
    ["an object", { id: A }],
  ])("rejects %s", (_, files) => {
    expect(send({ files })).toMatchObject({ ok: false, error: { code: "bad_request", id: "a" } });
  });

  test.each([undefined, null])("rejects an empty text with files: %s", (files) => {
    expect(send({ files })).toMatchObject({ ok: false, error: { message: "text must not be blank" } });
  });

  test("rejects a blank text that is not empty", () => {
    expect(send({ text: " \n", files: [{ id: A }] })).toMatchObject({ ok: false });
  });

  test("is the same in a post", () => {
    const key = "k".repeat(22);
    const post = { key, text: "", files: [{ id: A }] };
    expect(parsePost(JSON.stringify(post))).toEqual({ ok: true, value: post });
    expect(parsePost(JSON.stringify({ key, text: "" }))).toMatchObject({
      ok: false,
      error: { message: "text must not be blank" },
    });
  });
});

describe("the own text of a message with files", () => {
  test.each(["", "one", "one\ntwo", "\n", "a\n"])("of %j is what its author wrote", (own) => {
    for (const count of [0, 1, 2]) {
      const addresses = ADDRESSES.slice(0, count);
      const text = withAddresses(own, addresses);
      for (const files of [FILES.slice(0, count), count]) {
        if (count === 0) expect(ownText({ text })).toBe(own);
        expect(ownText({ text, files })).toBe(own);
        expect(fileAddresses({ text, files })).toEqual(addresses);
      }
    }
  });

  test("is what its author wrote, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 4 }), (own, count) => {
        const addresses = Array.from({ length: count }, (_, i) => `https://chat.example/${i}`);
        expect(ownText({ text: withAddresses(own, addresses), files: count })).toBe(own);
      }),
    );
  });
});

test("an edit keeps the files, a deletion drops them and their addresses", () => {
  const stamp = { at: 20, user: "u", name: "Ann", target: 1 };
  const text = withAddresses("three", ADDRESSES);
  const edited = applyChange(MESSAGE, { ...stamp, type: "edit", seq: 2, text, files: 2 });
  expect(edited).toEqual({ ...MESSAGE, text, edited: 20 });
  const { files: _, ...rest } = edited;
  const deleted = applyChange(edited, { ...stamp, type: "delete", seq: 3 });
  expect(deleted).toEqual({ ...rest, text: "", deleted: true });
});

test("plain mode shows the own text, then each address on a line of its own", () => {
  expect(plainTexts(MESSAGE)).toEqual(["one\ntwo", ...ADDRESSES]);
  expect(plainTexts({ ...MESSAGE, text: withAddresses("", ADDRESSES) })).toEqual(ADDRESSES);
});

test("the original body of an event has what its command had", () => {
  const files = [{ id: A, alt: "A cat", blur: "1QcS" }, { id: B }];
  expect(originalBody(MESSAGE)).toEqual({ type: "message", text: "one\ntwo", files });
  const base = { seq: 2, at: 20, user: "u", name: "Ann", target: 1 };
  const text = withAddresses("", ADDRESSES);
  expect(originalBody({ ...base, type: "edit", text, files: 2 })).toEqual({
    type: "edit",
    target: 1,
    text: "",
  });
  expect(originalBody({ ...base, type: "edit", text: "", files: 2 })).toBeNull();
});

test("a client reads messages and edits with files, and fields of files that it does not know", () => {
  const later = FILES.map((file) => ({ ...file, duration: 7 }));
  expect(parseServerLine(JSON.stringify({ ...MESSAGE, files: later }))).toEqual(MESSAGE);
});
