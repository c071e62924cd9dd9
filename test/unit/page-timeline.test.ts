// The rows of the timeline.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Gap, TimelineMessage } from "../../src/client/index.ts";
import { type Block, blocksOf, findMessage, type Item } from "../../src/page/state/rows.ts";

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

/** Rows in short: "d" a day, "u" the unread line, "g" a gap, a message's seq, with "+" where it goes with the last. */
function short(items: readonly Item[], unreadAfter: number | null = null): string {
  return blocksOf(items, { unreadAfter, dayOf })
    .flatMap(({ rows }) => rows)
    .map((row) => (row.type === "message" ? `${row.first ? "" : "+"}${row.message.seq}` : row.type.charAt(0)))
    .join(" ");
}

describe("rows", () => {
  test.each<[string, readonly Item[], number | null, string]>([
    ["nothing", [], null, ""],
    ["one author's messages go together", [message(1), message(2)], null, "d 1 +2"],
    ["another author begins anew", [message(1), message(2, { user: "bob" })], null, "d 1 2"],
    ["another name begins anew", [message(1), message(2, { name: "Anna" })], null, "d 1 2"],
    ["a pause begins anew", [message(1), message(2, { at: DAY + 6 * MINUTE })], null, "d 1 2"],
    ["an answer begins anew", [message(1), message(2, { reply: 1 })], null, "d 1 2"],
    ["a day has its line", [message(1), message(2, { at: 2 * DAY })], null, "d 1 d 2"],
    ["a gap parts", [message(1), gap(1, 5), message(5)], null, "d 1 g 5"],
    [
      "after a gap another day has its line",
      [message(1), gap(1, 5), message(5, { at: 3 * DAY })],
      null,
      "d 1 g d 5",
    ],
    ["what is new is under a line", [message(1), message(2), message(3)], 1, "d 1 u 2 +3"],
    ["all is new", [message(5), message(6)], 1, "d u 5 +6"],
    ["nothing is new", [message(5), message(6)], 6, "d 5 +6"],
  ])("%s", (_, items, unreadAfter, rows) => {
    expect(short(items, unreadAfter)).toBe(rows);
  });

  test("an answer carries what it answers, where that is loaded", () => {
    const items = [message(1), message(2, { reply: 1 }), message(3, { reply: 99 })];
    const quoted = blocksOf(items, { unreadAfter: null, dayOf }).flatMap(({ rows }) =>
      rows.flatMap((row) => (row.type === "message" ? [row.quoted?.seq] : [])),
    );
    expect(quoted).toEqual([undefined, 1, undefined]);
  });

  test("an answer shows what it answers as that now stands, far apart though they are", () => {
    const items = Array.from({ length: 100 }, (_, index) =>
      message(index + 1, index === 99 ? { reply: 1 } : {}),
    );
    const before = blocksOf(items, { unreadAfter: null, dayOf });
    const edited = message(1, { text: "edited" });
    const after = blocksOf([edited, ...items.slice(1)], { unreadAfter: null, dayOf }, before);
    expect(after.at(-1)?.rows.at(-1)).toMatchObject({ message: { seq: 100 }, quoted: edited });
  });

  test("the last ones alone are shown as they are among all", () => {
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

  test("made from blocks used again, are those made anew", () => {
    fc.assert(
      fc.property(anyItems, fc.nat(), fc.option(fc.nat({ max: 400 })), (all, missing, unreadAfter) => {
        // One message more or less: nearly all blocks can be used again, and its neighbours must not be.
        const some = all.filter((_, index) => index !== missing % all.length);
        const rows = (blocks: readonly Block[]) => blocks.map((block) => block.rows);
        for (const [before, after] of [[all, some] as const, [some, all] as const]) {
          const old = blocksOf(before, { unreadAfter: null, dayOf });
          const again = blocksOf(after, { unreadAfter, dayOf }, old);
          expect(rows(again)).toEqual(rows(blocksOf(after, { unreadAfter, dayOf })));
        }
      }),
    );
  });

  test("a new message leaves all but the last block what they were", () => {
    const items = Array.from({ length: 600 }, (_, index) => message(index + 1));
    const before = blocksOf(items, { unreadAfter: null, dayOf });
    const after = blocksOf([...items, message(601)], { unreadAfter: null, dayOf }, before);
    expect(after.filter((block) => !before.includes(block))).toHaveLength(1);
  });

  test("a message is found by its seq alone", () => {
    fc.assert(
      fc.property(anyItems, fc.nat({ max: 400 }), (items, seq) => {
        expect(findMessage(items, seq)).toBe(items.find((item) => item.seq === seq));
      }),
    );
  });
});
