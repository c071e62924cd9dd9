// The timeline: how events, welcomes and pages of history change it, gaps included.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  appendEvents,
  beginTimeline,
  claimMessage,
  emptyTimeline,
  type Gap,
  resumeTimeline,
  type Timeline,
  type TimelineMessage,
  trimTimeline,
} from "../../../src/client/timeline.ts";
import { gapAfter, insertPage, knownBefore, rejoinTimeline } from "../../../src/client/timeline-pages.ts";
import type { Message, Notice, RoomEvent } from "../../../src/protocol/index.ts";
import { messageLine, messageLines } from "../../helpers/server-lines.ts";

const NO_IDS = new Map<number, string>();
const by = { at: 9_000, user: "bob", name: "Bob" };

/** A timeline of the messages from `first` to `last`. */
function timelineOf(first: number, last: number, more = first > 1): Timeline {
  return beginTimeline({ events: messageLines(first, last), seq: last, more });
}

/** An edit of `target` by another user. */
function edit(seq: number, target: number): RoomEvent {
  return { type: "edit", seq, target, text: "new", ...by };
}

/** The notice `seq`. */
function notice(seq: number): Notice {
  return { type: "pin", seq, target: 1, on: true, ...by };
}

/** The log from `first` to `last`; every third event is a notice. */
function mixed(first: number, last: number): (Message | Notice)[] {
  return messageLines(first, last).map((event) => (event.seq % 3 === 0 ? notice(event.seq) : event));
}

/** Items in short: a message is its seq, a gap its bounds. */
function shape({ items }: Timeline): (number | string)[] {
  return items.map((item) => (item.type === "gap" ? `${item.after}..${item.before}` : item.seq));
}

function message(timeline: Timeline, seq: number): TimelineMessage | undefined {
  return timeline.items.find((item): item is TimelineMessage => item.type === "message" && item.seq === seq);
}

describe("events", () => {
  test("append messages and advance the head", () => {
    const timeline = appendEvents(timelineOf(1, 2), messageLines(3, 4), NO_IDS);
    expect(shape(timeline)).toEqual([1, 2, 3, 4]);
    expect(timeline.head).toBe(4);
  });

  test("an edit changes the text and sets its time", () => {
    const timeline = appendEvents(
      timelineOf(1, 2),
      [{ type: "edit", seq: 3, target: 1, text: "new", ...by }],
      NO_IDS,
    );
    expect(message(timeline, 1)).toMatchObject({ text: "new", edited: 9_000 });
    expect(timeline.head).toBe(3);
  });

  test("a deletion removes the text and the reactions", () => {
    const timeline = appendEvents(timelineOf(1, 2), [{ type: "delete", seq: 3, target: 1, ...by }], NO_IDS);
    expect(message(timeline, 1)).toMatchObject({ text: "", deleted: true, reactions: {} });
  });

  test("a reaction is added and removed", () => {
    const on = appendEvents(
      timelineOf(1, 1),
      [{ type: "react", seq: 2, target: 1, emoji: "👍", on: true, ...by }],
      NO_IDS,
    );
    expect(message(on, 1)?.reactions).toEqual({ "👍": ["bob"] });
    const off = appendEvents(
      on,
      [{ type: "react", seq: 3, target: 1, emoji: "👍", on: false, ...by }],
      NO_IDS,
    );
    expect(message(off, 1)?.reactions).toEqual({});
  });

  test("a change of an unknown message changes only the head", () => {
    const before = timelineOf(5, 6);
    const timeline = appendEvents(before, [{ type: "edit", seq: 7, target: 1, text: "new", ...by }], NO_IDS);
    expect(timeline.items).toEqual(before.items);
    expect(timeline.head).toBe(7);
  });

  test("keep the objects of unchanged messages", () => {
    const before = timelineOf(1, 3);
    const after = appendEvents(
      before,
      [
        { type: "edit", seq: 4, target: 2, text: "new", ...by },
        { type: "react", seq: 5, target: 3, emoji: "👍", on: false, ...by },
      ],
      NO_IDS,
    );
    expect(after.items[0]).toBe(before.items[0]);
    expect(after.items[1]).not.toBe(before.items[1]);
    expect(after.items[2]).toBe(before.items[2]);
  });

  test("none of them leave the timeline the same object", () => {
    const timeline = timelineOf(1, 3);
    expect(appendEvents(timeline, [], NO_IDS)).toBe(timeline);
  });

  test("give an own message the id of its command", () => {
    const timeline = appendEvents(timelineOf(1, 1), messageLines(2, 3), new Map([[3, "mine"]]));
    expect(message(timeline, 2)?.id).toBeUndefined();
    expect(message(timeline, 3)?.id).toBe("mine");
    expect(message(claimMessage(timeline, 2, "late"), 2)?.id).toBe("late");
  });

  test("a claim of an unknown message changes nothing", () => {
    const timeline = rejoinTimeline(timelineOf(1, 2), { events: messageLines(8, 9), seq: 9, more: true });
    for (const seq of [3, 5, 10]) expect(claimMessage(timeline, seq, "id")).toBe(timeline);
  });

  test("leave earlier timelines as they were, also if two continue the same one", () => {
    const first = appendEvents(timelineOf(1, 1, false), messageLines(2, 3), NO_IDS);
    const second = appendEvents(first, [messageLine(4), edit(5, 3)], NO_IDS);
    const other = appendEvents(first, [edit(4, 2), messageLine(5), edit(6, 5)], NO_IDS);
    expect(first.items).toEqual(timelineOf(1, 3, false).items);
    expect(shape(second)).toEqual([1, 2, 3, 4]);
    expect(message(second, 3)).toMatchObject({ text: "new" });
    expect(shape(other)).toEqual([1, 2, 3, 5]);
    expect(message(other, 2)).toMatchObject({ text: "new" });
    expect(message(other, 3)).toMatchObject({ text: "text 3" });
    expect(message(other, 5)).toMatchObject({ text: "new" });
  });

  test("change messages of any age in a long timeline", () => {
    let timeline = timelineOf(1, 1, false);
    for (let seq = 2; seq <= 2_500; seq += 1) timeline = appendEvents(timeline, [messageLine(seq)], NO_IDS);
    const before = timeline;
    for (const target of [1, 1_001, 1_002, 2_499, 2_500]) {
      timeline = appendEvents(timeline, [edit(timeline.head + 1, target)], NO_IDS);
      expect(message(timeline, target)).toMatchObject({ text: "new" });
    }
    expect(before.items).toEqual(timelineOf(1, 2_500, false).items);
    expect(timeline.items).toHaveLength(2_500);
  });
});

describe("notices", () => {
  test("stand between the messages: live, in a welcome and in a page", () => {
    const begun = beginTimeline({ events: mixed(5, 7), seq: 7, more: true });
    expect(begun.items[1]).toEqual(notice(6));
    const live = appendEvents(begun, [notice(8), messageLine(9)], NO_IDS);
    const resumed = resumeTimeline(live, [messageLine(9), notice(10), messageLine(11)]);
    const paged = insertPage(resumed, 5, { events: mixed(2, 4), more: true });
    expect(shape(paged)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(paged.items.filter(({ type }) => type === "pin")).toHaveLength(4);
    expect(paged).toMatchObject({ head: 11, start: 2, more: true });
  });

  test("can be all that a page has", () => {
    const begun = beginTimeline({ events: [messageLine(5)], seq: 5, more: true });
    const paged = insertPage(begun, 5, { events: [notice(3), notice(4)], more: true });
    expect(shape(paged)).toEqual([3, 4, 5]);
    expect(paged).toMatchObject({ start: 3, more: true });
  });

  test("bound gaps, fill them, and stay the same object", () => {
    const before = beginTimeline({ events: [messageLine(1), notice(2)], seq: 2, more: false });
    const gapped = rejoinTimeline(before, { events: [notice(8), messageLine(9)], seq: 9, more: true });
    expect(shape(gapped)).toEqual([1, 2, "2..8", 8, 9]);
    const filled = insertPage(gapped, 8, { events: [notice(2), ...mixed(3, 7)], more: true });
    expect(shape(filled)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(filled.items[1]).toBe(before.items[1]);
  });

  test("have no changes, no reactions and no id of a command", () => {
    const timeline = appendEvents(timelineOf(1, 1), [notice(2), notice(3)], new Map([[3, "mine"]]));
    const after = appendEvents(timeline, [edit(4, 2), { type: "delete", seq: 5, target: 3, ...by }], NO_IDS);
    expect(after.items.slice(1)).toEqual([notice(2), notice(3)]);
    expect(claimMessage(after, 2, "mine")).toBe(after);
  });

  test("count against the limit of items", () => {
    const timeline = appendEvents(timelineOf(1, 1, false), mixed(2, 20), NO_IDS);
    expect(shape(trimTimeline(timeline, 8))).toEqual([15, 16, 17, 18, 19, 20]);
  });

  test("of a wipe begin the new log", () => {
    const wipe: Notice = { type: "wipe", seq: 1, ...by };
    expect(beginTimeline({ events: [wipe], seq: 1, more: false })).toEqual({
      items: [wipe],
      head: 1,
      start: 1,
      more: false,
    });
  });
});

test("a deletion by another user is a moderator's", () => {
  const deleted = (user: string) =>
    message(appendEvents(timelineOf(1, 1), [{ type: "delete", seq: 2, target: 1, ...by, user }], NO_IDS), 1);
  expect(deleted("bob")).toMatchObject({ deleted: true, moderated: true });
  expect(deleted("ada")).not.toHaveProperty("moderated");
});

describe("a limit of items", () => {
  test("removes the oldest, which can be loaded again", () => {
    const timeline = appendEvents(timelineOf(1, 1, false), messageLines(2, 20), NO_IDS);
    expect(trimTimeline(timeline, 20)).toBe(timeline);
    const trimmed = trimTimeline(appendEvents(timeline, messageLines(21, 21), NO_IDS), 20);
    expect(shape(trimmed)).toEqual(Array.from({ length: 15 }, (_, index) => 7 + index));
    expect(trimmed).toMatchObject({ head: 21, start: 7, more: true });
  });

  test("removes a gap at the start", () => {
    const gapped = rejoinTimeline(timelineOf(1, 3), { events: messageLines(8, 9), seq: 9, more: true });
    expect(shape(trimTimeline(gapped, 4))).toEqual([8, 9]);
  });

  test("of none keeps only the position", () => {
    expect(trimTimeline(timelineOf(1, 3), 0)).toEqual({ items: [], head: 3, start: 4, more: true });
  });
});

describe("a welcome that resumes", () => {
  test("adds the missed events and ignores the known ones", () => {
    const timeline = resumeTimeline(timelineOf(1, 5), messageLines(4, 7));
    expect(shape(timeline)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("has the reactions of a missed message in the order of reacting", () => {
    const react = (seq: number, user: string, on: boolean): RoomEvent => {
      return { type: "react", seq, at: seq, user, name: user, target: 2, emoji: "👍", on };
    };
    const log = [react(3, "ann", true), react(4, "ann", false), react(5, "ann", true), react(6, "bob", true)];
    const current: Message = { ...messageLine(2), reactions: { "👍": ["ann", "bob"] } };
    const timeline = resumeTimeline(timelineOf(1, 1), [current, ...log]);
    expect(message(timeline, 2)?.reactions).toEqual({ "👍": ["ann", "bob"] });
  });
});

describe("a welcome that could not resume", () => {
  test("leaves a gap before its first message", () => {
    const timeline = rejoinTimeline(timelineOf(1, 3), { events: messageLines(8, 9), seq: 10, more: true });
    expect(shape(timeline)).toEqual([1, 2, 3, "3..8", 8, 9]);
    expect(timeline).toMatchObject({ head: 10, more: false });
  });

  test("leaves a gap up to the head if it has no messages", () => {
    const timeline = rejoinTimeline(timelineOf(1, 3), { events: [], seq: 10, more: true });
    expect(shape(timeline)).toEqual([1, 2, 3, "3..11"]);
    expect(shape(insertPage(timeline, 11, { events: messageLines(4, 10), more: true }))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  test("leaves no gap if it overlaps, and updates changed messages", () => {
    const before = timelineOf(1, 3);
    const events = [messageLine(2), messageLine(3, { text: "new", edited: 5 }), messageLine(5)];
    const timeline = rejoinTimeline(before, { events, seq: 6, more: true });
    expect(shape(timeline)).toEqual([1, 2, 3, 5]);
    expect(timeline.items[1]).toBe(before.items[1]);
    expect(message(timeline, 3)).toMatchObject({ text: "new", edited: 5 });
  });

  test("leaves a gap even if the room has no older messages: it may have pruned them", () => {
    const timeline = rejoinTimeline(timelineOf(1, 3), { events: messageLines(8, 9), seq: 9, more: false });
    expect(shape(timeline)).toEqual([1, 2, 3, "3..8", 8, 9]);
  });

  test("may start before the known messages", () => {
    const timeline = rejoinTimeline(timelineOf(9, 9), { events: messageLines(6, 9), seq: 9, more: true });
    expect(shape(timeline)).toEqual([6, 7, 8, 9]);
    expect(timeline).toMatchObject({ start: 6, more: true });
  });

  test("replaces a timeline without messages", () => {
    const empty = emptyTimeline(3);
    const timeline = rejoinTimeline(empty, { events: messageLines(8, 9), seq: 9, more: true });
    expect(shape(timeline)).toEqual([8, 9]);
    expect(timeline.more).toBe(true);
  });
});

describe("a page of history", () => {
  test("goes before the first message and sets `more`", () => {
    const some = insertPage(timelineOf(8, 9), 8, { events: messageLines(5, 7), more: true });
    expect(shape(some)).toEqual([5, 6, 7, 8, 9]);
    expect(some.more).toBe(true);
    const all = insertPage(some, 5, { events: messageLines(1, 4), more: false });
    expect(shape(all)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(all.more).toBe(false);
  });

  test("fills a gap from its newer side", () => {
    const gapped = rejoinTimeline(timelineOf(1, 3), { events: messageLines(20, 21), seq: 21, more: true });
    const some = insertPage(gapped, 20, { events: messageLines(17, 19), more: true });
    expect(shape(some)).toEqual([1, 2, 3, "3..17", 17, 18, 19, 20, 21]);
    expect(gapAfter(some, 3)).toEqual({ type: "gap", after: 3, before: 17 });
    const all = insertPage(some, 17, { events: messageLines(2, 16), more: true });
    expect(shape(all)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
    expect(gapAfter(all, 3)).toBeUndefined();
  });

  test("closes a gap in which there are no messages", () => {
    const gapped = rejoinTimeline(timelineOf(1, 3), { events: messageLines(20, 21), seq: 21, more: true });
    expect(shape(insertPage(gapped, 20, { events: messageLines(2, 3), more: true }))).toEqual([
      1, 2, 3, 20, 21,
    ]);
    expect(shape(insertPage(gapped, 20, { events: [], more: false }))).toEqual([1, 2, 3, 20, 21]);
  });

  test("ends the history if it is empty, whatever its `more`", () => {
    expect(insertPage(timelineOf(8, 9), 8, { events: [], more: true }).more).toBe(false);
  });

  test("keeps gaps that it does not reach, and messages that the room has pruned", () => {
    let timeline = rejoinTimeline(timelineOf(1, 3), { events: messageLines(10, 11), seq: 11, more: true });
    timeline = rejoinTimeline(timeline, { events: messageLines(20, 21), seq: 21, more: true });
    const page = insertPage(timeline, 20, { events: messageLines(15, 19), more: false });
    expect(shape(page)).toEqual([1, 2, 3, 10, 11, 15, 16, 17, 18, 19, 20, 21]);
    const nearer = insertPage(timeline, 20, { events: messageLines(15, 19), more: true });
    expect(shape(nearer)).toEqual([1, 2, 3, "3..10", 10, 11, "11..15", 15, 16, 17, 18, 19, 20, 21]);
    expect(gapAfter(nearer, 3)).toBe(gapAfter(timeline, 3));
  });

  test("updates changed messages, and keeps the others and the ids of own ones", () => {
    const before = claimMessage(timelineOf(1, 3), 2, "mine");
    const events = [messageLine(1), messageLine(2), messageLine(3, { reactions: { "👍": ["bob"] } })];
    const timeline = insertPage(before, 4, { events, more: false });
    expect(timeline.items[0]).toBe(before.items[0]);
    expect(timeline.items[1]).toBe(before.items[1]);
    expect(message(timeline, 3)?.reactions).toEqual({ "👍": ["bob"] });
  });
});

test("a refresh skips the gaps", () => {
  let timeline = rejoinTimeline(timelineOf(2, 3), { events: messageLines(10, 11), seq: 11, more: true });
  timeline = rejoinTimeline(timeline, { events: messageLines(20, 21), seq: 21, more: true });
  expect(knownBefore(timeline, 12)).toBe(12);
  expect(knownBefore(timeline, 10)).toBe(4);
  expect(knownBefore(timeline, 4)).toBe(4);
  expect(knownBefore(timeline, 2)).toBeNull();
});

/** What may happen to a timeline. */
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("live" as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({
      do: fc.constant("rejoin" as const),
      missed: fc.nat({ max: 20 }),
      history: fc.nat({ max: 6 }),
    }),
    fc.record({
      do: fc.constant("page" as const),
      from: fc.nat({ max: 40 }),
      limit: fc.integer({ min: 1, max: 9 }),
    }),
  ),
  { maxLength: 30 },
);

test("a welcome with more messages than are known moves the start of the timeline", () => {
  let timeline = beginTimeline({ events: messageLines(10, 10), seq: 10, more: true });
  timeline = rejoinTimeline(timeline, { events: messageLines(6, 10), seq: 10, more: true });
  timeline = insertPage(timeline, 6, { events: messageLines(1, 5), more: false });
  expect(timeline.more).toBe(false);
});

test("every message and notice is an item or within a gap, in order, whatever happens", () => {
  fc.assert(
    fc.property(steps, fc.nat({ max: 5 }), (steps, history) => {
      let head = 10;
      const page = (before: number, limit: number) => {
        const from = Math.max(1, before - limit);
        return { events: mixed(from, before - 1), more: from > 1 };
      };
      const newest = () => ({ ...page(head + 1, history), seq: head });
      let timeline = beginTimeline(newest());
      for (const step of steps) {
        if (step.do === "live") {
          timeline = appendEvents(timeline, mixed(head + 1, head + step.count), NO_IDS);
          head += step.count;
        } else if (step.do === "rejoin") {
          head += step.missed;
          timeline = rejoinTimeline(timeline, { ...page(head + 1, step.history), seq: head });
        } else {
          const before = Math.min(step.from + 1, head + 1);
          // A page is requested at the edge of known messages.
          const edges = timeline.items.map((item) => (item.type === "gap" ? item.before : item.seq));
          const edge = edges.findLast((seq) => seq <= before);
          if (edge !== undefined) timeline = insertPage(timeline, edge, page(edge, step.limit));
        }
      }
      expect(timeline.head).toBe(head);
      const parts = timeline.items.flatMap((item) => (item.type === "gap" ? missing(item) : [item.seq]));
      const first = parts[0] ?? head + 1;
      expect(parts).toEqual(Array.from({ length: head + 1 - first }, (_, index) => first + index));
      expect(timeline.more).toBe(first > 1);
      expect(timeline.start).toBeLessThanOrEqual(first);
      expect(timeline.items[0]?.type).not.toBe("gap");
    }),
    { numRuns: 2_000 },
  );
});

/** Seqs that a gap stands for. */
function missing({ after, before }: Gap): number[] {
  return Array.from({ length: before - after - 1 }, (_, index) => after + 1 + index);
}
