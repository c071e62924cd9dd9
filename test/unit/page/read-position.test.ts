// Which messages of a room are unread.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Gap, TimelineMessage } from "../../../src/client/index.ts";
import {
  countUnread,
  type ReadPosition,
  type SeqRange,
  shownRange,
  withShown,
} from "../../../src/page/state/read-position.ts";

function message(seq: number, over: Partial<TimelineMessage> = {}): TimelineMessage {
  return { type: "message", seq, at: seq, user: "ann", name: "Ann", text: "", reactions: {}, ...over };
}
const gap = (after: number, before: number): Gap => ({ type: "gap", after, before });
const upTo = (seq: number, ...later: SeqRange[]): ReadPosition => ({ seq, later });

describe("withShown", () => {
  const anyRange = fc
    .tuple(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 20 }))
    .map(([after, length]): SeqRange => ({ after, to: after + length }));

  test("covers exactly the seqs that were read or shown", () => {
    fc.assert(
      fc.property(fc.nat({ max: 30 }), fc.array(anyRange, { maxLength: 12 }), (start, shown) => {
        const { seq, later } = shown.reduce(withShown, upTo(start));
        for (let at = 1; at <= 90; at += 1) {
          const isCovered = at <= seq || later.some(({ after, to }) => after < at && at <= to);
          const isShown = at <= start || shown.some(({ after, to }) => after < at && at <= to);
          expect(isCovered).toBe(isShown);
        }
        // What follows the position directly belongs to it.
        expect(later.some(({ after }) => after <= seq)).toBe(false);
      }),
    );
  });

  test("returns the same position if nothing new is shown", () => {
    const position = upTo(5, { after: 10, to: 20 });
    expect(withShown(position, { after: 2, to: 5 })).toBe(position);
    expect(withShown(position, { after: 12, to: 20 })).toBe(position);
  });
});

describe("shownRange", () => {
  const items = [message(3), message(5), gap(5, 11), message(11), message(12)];

  test.each<[string, number, number, SeqRange]>([
    ["begins after the message before it", 5, 5, { after: 3, to: 5 }],
    ["begins at its first message below a gap", 11, 11, { after: 10, to: 11 }],
    ["reaches to the head with the latest message", 11, 12, { after: 10, to: 15 }],
    ["reaches to the head if only the end of the latest message is shown", 12, 12, { after: 11, to: 15 }],
  ])("%s", (_, first, last, range) => {
    expect(shownRange({ items, more: true, head: 15 }, first, last)).toEqual(range);
  });

  test("begins at the beginning of the room with its first message", () => {
    expect(shownRange({ items, more: false, head: 15 }, 3, 3)).toEqual({ after: 0, to: 3 });
    expect(shownRange({ items, more: true, head: 15 }, 3, 3)).toEqual({ after: 2, to: 3 });
  });
});

describe("countUnread", () => {
  const items = [1, 2, 3, 4, 5, 6].map((seq) => message(seq));
  const loaded = { items, more: false, head: 6 };

  test("counts the messages after the position, and those above the view", () => {
    expect(countUnread(loaded, "you", upTo(2), 5, [])).toEqual({
      total: 4,
      above: 2,
      first: items[2],
      isComplete: true,
    });
  });

  test("does not count shown, own and deleted messages", () => {
    const mixed = [message(3, { user: "you" }), message(4, { deleted: true }), message(5), message(6)];
    const unread = countUnread({ ...loaded, items: mixed }, "you", upTo(2, { after: 5, to: 6 }), 6, []);
    expect(unread).toMatchObject({ total: 1, above: 1, first: mixed[2] });
  });

  test("does not count messages of hidden people", () => {
    const mixed = [message(3, { user: "bob" }), message(4), message(5, { user: "bob" })];
    expect(countUnread({ ...loaded, items: mixed }, "you", upTo(2), 9, ["bob"])).toMatchObject({
      total: 1,
      above: 1,
      first: mixed[1],
    });
  });

  test("is not complete while unread messages are missing", () => {
    const isComplete = (items: readonly (TimelineMessage | Gap)[], more: boolean) =>
      countUnread({ items, more, head: 6 }, "you", upTo(2), 5, []).isComplete;
    expect(isComplete(items.slice(3), true)).toBe(false);
    expect(isComplete(items.slice(3), false)).toBe(true);
    expect(isComplete(items.slice(2), true)).toBe(true);
    expect(isComplete([message(1), gap(1, 5), message(5)], false)).toBe(false);
    expect(isComplete([], true)).toBe(false);
  });
});
