// Import files: every line is checked, and a damaged file is refused with the number of the wrong line.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_IMPORT_BYTES, MAX_IMPORT_LINE_BYTES, type RoomEvent } from "../../../src/protocol/index.ts";
import { ImportError, ImportFile } from "../../../src/room/import-file.ts";

const NOW = 1_700_000_000_000;
const BY = { at: NOW - 1, user: "aaaaaaaaaa", name: "Ann" };
const BOB = "bbbbbbbbbb";

const START = { type: "room", version: 1, room: "tea", title: "Tea", epoch: "e", seq: 7, pruned: 0 };
const END = { type: "end", seq: 7 };
const EVENTS: readonly RoomEvent[] = [
  { type: "claim", seq: 1, ...BY, title: "Tea", entry: "open" },
  { type: "message", seq: 2, ...BY, text: "tea 茶", edited: NOW, reactions: { "🍵": [BOB] } },
  { type: "message", seq: 3, ...BY, text: "", reply: 2, deleted: true, moderated: true },
  { type: "edit", seq: 4, ...BY, target: 2, text: "tea 茶" },
  { type: "react", seq: 5, ...BY, user: BOB, target: 2, emoji: "🍵", on: true },
  { type: "mute", seq: 6, ...BY, member: BOB, memberName: "Bob", duration: 1_000, reason: "caps" },
  { type: "import", seq: 7, ...BY, messages: 2 },
];

const ID = "i".repeat(22);
const FILE = { id: ID, type: "image/png", bytes: 3, name: "tea.png", w: 10, h: 10, alt: "A cup" };
const PICTURE: RoomEvent = {
  type: "message",
  seq: 2,
  ...BY,
  text: `https://a.example/api/rooms/tea/files/${ID}`,
  files: [FILE],
};
const OBJECTS: readonly object[] = [START, ...EVENTS, END];
const LINES: readonly unknown[] = OBJECTS;

function textOf(lines: readonly unknown[]): string {
  return lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
}

/** Reads a file in chunks of `size` bytes. Returns its events, or the error. */
function read(file: string | Uint8Array, size = 100): RoomEvent[] | ImportError {
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  const reader = new ImportFile(NOW);
  const events: RoomEvent[] = [];
  try {
    for (let from = 0; from < bytes.length; from += size)
      for (const entry of reader.read(bytes.subarray(from, from + size)))
        if (entry.type !== "missing") events.push(entry);
    reader.end();
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  return events;
}

test("reads the events of a file, in chunks of any size", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), (size) => {
      expect(read(textOf(LINES), size)).toEqual(EVENTS);
    }),
  );
});

test.each<[what: string, file: string]>([
  ["without its last line break", textOf(LINES).trimEnd()],
  ["with the line breaks of Windows", textOf(LINES).replaceAll("\n", "\r\n")],
  ["with a message of a picture alone", textOf(LINES.with(2, PICTURE))],
  [
    "with the bytes of a file, which are left out",
    textOf(LINES.toSpliced(2, 0, { type: "file", data: "AAAA" })),
  ],
  ["with ids of commands, which are left out", textOf(LINES).replace('"seq":2,', '"seq":2,"id":"a1",')],
])("accepts a file %s", (_, file) => {
  const events = file.includes("tea.png") ? EVENTS.with(1, PICTURE) : EVENTS;
  expect(read(file)).toEqual(events);
});

test("accepts gaps, a pruned beginning and the end of a room that was wiped", () => {
  const lines = [
    { ...START, pruned: 1 },
    EVENTS[1],
    { type: "gap", after: 2, before: 5 },
    EVENTS[4],
    { type: "end", seq: 5, wiped: true },
  ];
  expect(read(textOf(lines))).toEqual([EVENTS[1], EVENTS[4]]);
});

/** Returns the lines with fields of one line changed. The line has its number in the file. */
function change(line: number, fields: object): readonly unknown[] {
  return LINES.with(line - 1, { ...OBJECTS[line - 1], ...fields });
}

describe("refuses a file, with the number of the wrong line,", () => {
  test.each<[what: string, line: number, lines: readonly unknown[], reason: RegExp]>([
    ["that is empty", 1, [], /cut off/],
    ["of something else", 1, ["<!doctype html>"], /not JSON/],
    ["that begins with an event", 1, LINES.slice(1), /first line/],
    ["of another version", 1, change(1, { version: 2 }), /version must be 1/],
    ["with a title of two lines", 1, change(1, { title: "a\nb" }), /title must be one line/],
    ["with more pruned than there was", 1, change(1, { pruned: 8 }), /pruned/],
    ["with half a line", 4, LINES.with(3, JSON.stringify(LINES[3]).slice(0, 40)), /not JSON/],
    ["with an empty line", 4, LINES.toSpliced(3, 0, ""), /not JSON/],
    ["with a lost line", 4, LINES.toSpliced(3, 1), /seq is 4, where 3 must follow/],
    ["with a repeated line", 4, LINES.toSpliced(3, 0, LINES[2]), /seq is 2, where 3/],
    ["with a line that is a number", 4, LINES.with(3, 7), /not an event/],
    ["with an unknown event", 4, change(4, { type: "poll" }), /not an event/],
    ["without an author", 4, change(4, { user: undefined }), /user/],
    ["with another author", 4, change(4, { user: "Ann" }), /not a user id/],
    ["with a name that changes the direction of text", 4, change(4, { name: "\u202EAnn" }), /name/],
    ["without a name", 4, change(4, { name: "" }), /name/],
    ["with a time in the future", 4, change(4, { at: NOW + 2 * 24 * 3_600_000 }), /at is no time/],
    ["with a negative time", 4, change(4, { at: -1 }), /at is no time/],
    ["with half a millisecond", 3, change(3, { edited: 1.5 }), /edited is no time/],
    ["with a blank text", 3, change(3, { text: " " }), /blank/],
    ["with a text that is too long", 3, change(3, { text: "x".repeat(8_193) }), /over 8192/],
    ["with half a character", 3, change(3, { text: "\uD83C" }), /well-formed/],
    ["with a control character", 3, change(3, { text: "a\u0000" }), /control/],
    ["with a text of a deleted message", 4, change(4, { text: "secret" }), /has no text/],
    ["with a moderated message that is not deleted", 3, change(3, { moderated: true }), /moderated/],
    ["with a reply to a later message", 4, change(4, { reply: 5 }), /reply/],
    ["with a reply to nothing", 4, change(4, { reply: 0 }), /1 or more/],
    ["with a picture without an address", 3, LINES.with(2, { ...PICTURE, text: "a cup" }), /addresses/],
    ["with an address that is a script", 3, LINES.with(2, { ...PICTURE, text: "javascript:1" }), /addresses/],
    [
      "with a picture twice",
      3,
      LINES.with(2, { ...PICTURE, text: "http://a.b/\nhttp://a.b/", files: [FILE, FILE] }),
      /different/,
    ],
    [
      "with a picture of no type",
      3,
      LINES.with(2, { ...PICTURE, files: [{ ...FILE, type: "picture" }] }),
      /media type/,
    ],
    ["with a picture of a deleted message", 4, change(4, { files: [FILE] }), /no files/],
    ["with an edit of fewer files than it says", 5, change(5, { files: 3 }), /addresses/],
    ["with a reaction that is a word", 3, change(3, { reactions: { ok: [BOB] } }), /emoji/],
    ["with a reaction of nobody", 3, change(3, { reactions: { "🍵": [] } }), /user ids/],
    ["with a repeated reaction", 3, change(3, { reactions: { "🍵": [BOB, BOB] } }), /user ids/],
    ["with a change of itself", 5, change(5, { target: 4 }), /target/],
    ["with a change of nothing", 5, change(5, { target: 0 }), /1 or more/],
    ["with a change to a word", 6, change(6, { emoji: "ok" }), /emoji/],
    ["with a mute of a stranger", 7, change(7, { member: "x" }), /member/],
    ["with a name of a member that is no name", 7, change(7, { memberName: " Bob" }), /memberName/],
    ["with a mute for ever and a day", 7, change(7, { duration: 1e15 }), /duration/],
    ["with half a message", 8, change(8, { messages: 1.5 }), /messages must be a whole number/],
    ["with a gap that does not fit", 4, LINES.with(3, { type: "gap", after: 1, before: 4 }), /gap/],
    ["with a gap of nothing", 4, LINES.with(3, { type: "gap", after: 2, before: 3 }), /gap/],
    ["with a gap over the end", 4, LINES.with(3, { type: "gap", after: 2, before: 9 }), /gap/],
    ["without its end", 9, LINES.slice(0, -1), /cut off/],
    ["that ends early", 8, LINES.toSpliced(7, 1), /ends at 7, and the event before it has the seq 6/],
    ["that ends early and says so", 8, [...LINES.slice(0, 7), { type: "end", seq: 6 }], /ends at 6/],
    ["with more events than it says", 8, change(1, { seq: 6 }), /where 7 must follow/],
    ["with a line after its end", 10, [...LINES, END], /after the end/],
  ])("%s", (_, line, lines, reason) => {
    const result = read(textOf(lines));
    expect(result).toBeInstanceOf(ImportError);
    expect(result).toMatchObject({ line, message: expect.stringMatching(reason) });
    expect(String(result)).toContain(`line ${line}: `);
  });

  test("with bytes that are not UTF-8", () => {
    const bytes = new TextEncoder().encode(textOf(LINES));
    const at = textOf(LINES).indexOf("tea");
    expect(read(bytes.with(at + 4, 0xff))).toMatchObject({ message: expect.stringMatching(/UTF-8/) });
  });

  test("with a line without an end", () => {
    const file = `${textOf([START])}{"type":"${"x".repeat(MAX_IMPORT_LINE_BYTES)}`;
    expect(read(file, 10_000)).toMatchObject({ line: 2, message: expect.stringMatching(/line is over/) });
  });
});

test("refuses a file that is too large", () => {
  const reader = new ImportFile(NOW);
  const chunk = new TextEncoder().encode(textOf([START]));
  const huge = { length: MAX_IMPORT_BYTES + 1 } as Uint8Array;
  expect([...reader.read(chunk)]).toHaveLength(1);
  expect(() => [...reader.read(huge)]).toThrow(/over 100000000 bytes/);
});

test("a file with a damaged byte is refused, or is the export of a room", () => {
  const bytes = new TextEncoder().encode(textOf(LINES));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      const damaged = bytes.with(at, value);
      const result = read(damaged);
      if (!(result instanceof ImportError)) {
        expect(result).toHaveLength(EVENTS.length);
        return;
      }
      // The damage is in this line, or the lines before it say something else than this one.
      const before = bytes.subarray(0, at).filter((byte) => byte === 10).length;
      expect(result.line).toBeGreaterThanOrEqual(before + 1);
    }),
    { numRuns: 2_000 },
  );
});
