// Rows of the timeline: lines, groups, quotes, and reuse of row blocks.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Gap, TimelineMessage } from "../../../src/client/index.ts";
import { blocksOf, findMessage, type Item, type RowBlock } from "../../../src/page/state/rows.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const dayOf = (at: number): number => Math.floor(at / DAY);

function message(seq: number, over: Partial<TimelineMessage> = {}): TimelineMessage {
  return {
    type: "message",
    seq,
    at: DAY + seq,
    user: "ann",
    name: "Ann",
    text: `text ${seq}`,
    reactions: {},
    ...over,
  };
}
const gap = (after: number, before: number): Gap => ({ type: "gap", after, before });

/** Returns the rows in short form: "d" day, "u" line of new messages, "g" gap, or seq; "+" continues a group. */
function short(items: readonly Item[], unreadAfter: number | null = null): string {
  return blocksOf(items, { unreadAfter, dayOf })
    .flatMap(({ rows }) => rows)
    .map((row) => (row.type === "message" ? `${row.first ? "" : "+"}${row.message.seq}` : row.type.charAt(0)))
    .join(" ");
}

describe("rows", () => {
  test.each<[string, readonly Item[], number | null, string]>([
    ["nothing", [], null, ""],
    ["groups messages of one author", [message(1), message(2)], null, "d 1 +2"],
    ["starts a group for another author", [message(1), message(2, { user: "bob" })], null, "d 1 2"],
    ["starts a group for another name", [message(1), message(2, { name: "Anna" })], null, "d 1 2"],
    ["starts a group after a pause", [message(1), message(2, { at: DAY + 6 * MINUTE })], null, "d 1 2"],
    ["starts a group for a reply", [message(1), message(2, { reply: 1 })], null, "d 1 2"],
    ["draws a line for a day", [message(1), message(2, { at: 2 * DAY })], null, "d 1 d 2"],
    ["starts a group after a gap", [message(1), gap(1, 5), message(5)], null, "d 1 g 5"],
    [
      "draws a line for another day after a gap",
      [message(1), gap(1, 5), message(5, { at: 3 * DAY })],
      null,
      "d 1 g d 5",
    ],
    ["draws a line above new messages", [message(1), message(2), message(3)], 1, "d 1 u 2 +3"],
    ["draws the line first if all messages are new", [message(5), message(6)], 1, "d u 5 +6"],
    ["draws no line without new messages", [message(5), message(6)], 6, "d 5 +6"],
    ["draws the line above a gap of new messages", [message(1), gap(1, 5), message(5)], 1, "d 1 u g 5"],
    ["draws the line below a gap of read messages", [message(1), gap(1, 5), message(5)], 4, "d 1 g u 5"],
  ])("%s", (_, items, unreadAfter, rows) => {
    expect(short(items, unreadAfter)).toBe(rows);
  });

  test("a reply has the message that it quotes if it is loaded", () => {
    const items = [message(1), message(2, { reply: 1 }), message(3, { reply: 99 })];
    const quoted = blocksOf(items, { unreadAfter: null, dayOf }).flatMap(({ rows }) =>
      rows.flatMap((row) => (row.type === "message" ? [row.quoted?.seq] : [])),
    );
    expect(quoted).toEqual([undefined, 1, undefined]);
  });

  test("a reply shows an edit of a message that it quotes from far above", () => {
    const items = Array.from({ length: 100 }, (_, index) =>
      message(index + 1, index === 99 ? { reply: 1 } : {}),
    );
    const before = blocksOf(items, { unreadAfter: null, dayOf });
    const edited = message(1, { text: "edited" });
    const after = blocksOf([edited, ...items.slice(1)], { unreadAfter: null, dayOf }, before);
    expect(after.at(-1)?.rows.at(-1)).toMatchObject({ message: { seq: 100 }, quoted: edited });
  });

  test("the latest items alone have the same rows as among all items", () => {
    const items = Array.from({ length: 40 }, (_, index) => message(index + 1, { reply: 2 }));
    const rows = (last: number) =>
      blocksOf(items, { unreadAfter: null, dayOf, last }).flatMap((block) => block.rows);
    expect(rows(11)).toEqual(rows(40).slice(-11));
  });

  const anyItems = fc
    .uniqueArray(fc.nat({ max: 400 }), { maxLength: 80 })
    .map((seqs) =>
      seqs
        .sort((a, b) => a - b)
        .map((seq) => message(seq + 1, seq % 3 === 0 ? { reply: Math.max(1, seq - 40) } : {})),
    );

  test("reused blocks have the same rows as new ones", () => {
    fc.assert(
      fc.property(anyItems, fc.nat(), fc.option(fc.nat({ max: 400 })), (all, missing, unreadAfter) => {
        // With one message added or removed, nearly all blocks can be reused, but not its neighbours.
        const some = all.filter((_, index) => index !== missing % all.length);
        const rows = (blocks: readonly RowBlock[]) => blocks.map((block) => block.rows);
        for (const [before, after] of [[all, some] as const, [some, all] as const]) {
          const old = blocksOf(before, { unreadAfter: null, dayOf });
          const again = blocksOf(after, { unreadAfter, dayOf }, old);
          expect(rows(again)).toEqual(rows(blocksOf(after, { unreadAfter, dayOf })));
        }
      }),
    );
  });

  test("a new message changes the last block only", () => {
    const items = Array.from({ length: 600 }, (_, index) => message(index + 1));
    const before = blocksOf(items, { unreadAfter: null, dayOf });
    const after = blocksOf([...items, message(601)], { unreadAfter: null, dayOf }, before);
    expect(after.filter((block) => !before.includes(block))).toHaveLength(1);
  });

  test("findMessage finds each message by its seq", () => {
    fc.assert(
      fc.property(anyItems, fc.nat({ max: 400 }), (items, seq) => {
        expect(findMessage(items, seq)).toBe(items.find((item) => item.seq === seq));
      }),
    );
  });
});
