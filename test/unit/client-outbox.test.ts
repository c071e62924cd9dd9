// Holds the outbox: order, rate limits, doubt after a lost connection, logs that are gone.
import { describe, expect, test } from "vitest";
import {
  answered,
  awaitedEvents,
  caughtUp,
  createOutbox,
  discarded,
  dueAt,
  enqueue,
  MAX_IN_FLIGHT,
  type Outbox,
  refused,
  retried,
  sentAt,
  takeFrame,
} from "../../src/client/outbox.ts";
import { disconnected, type OwnEvents, rejoined, resumeFrom } from "../../src/client/outbox-recovery.ts";
import type { CommandError } from "../../src/protocol/index.ts";

const NOW = 1_000_000;
const MINUTE = 60_000;
const here = { now: NOW, head: 7, frameBytes: 32_768 };
const slow = (retryAfter: number): CommandError => ({
  code: "rate_limited",
  message: "too fast",
  retryAfter,
});

/** An outbox of that many messages, `a0`, `a1` and so on. */
function outboxOf(count: number, epoch: string | null = "e1"): Outbox {
  let outbox = createOutbox([], epoch);
  for (let i = 0; i < count; i += 1)
    outbox = enqueue(outbox, { type: "send", id: `a${i}`, text: `text ${i}` }, NOW);
  return outbox;
}

/** An outbox that has sent what is due. */
function sentOutbox(count: number): Outbox {
  return takeFrame(outboxOf(count), here).outbox;
}

function ids(lines: readonly string[]): unknown[] {
  return lines.map((line) => JSON.parse(line).id);
}

function statuses(outbox: Outbox): string {
  return outbox.entries.map(({ id, status }) => `${id} ${status}`).join(", ");
}

/** A `welcome` of the log that is known, as far as own commands go. */
function welcome(change: Partial<OwnEvents> = {}): OwnEvents {
  return {
    epoch: "e1",
    isNewLog: false,
    seqs: new Map(),
    eventsAfter: 7,
    messagesAfter: 7,
    now: NOW + 1_000,
    ...change,
  };
}

describe("order", () => {
  test("commands leave in the order in which they were given, in one frame", () => {
    const { lines, outbox } = takeFrame(outboxOf(3), here);
    expect(ids(lines)).toEqual(["a0", "a1", "a2"]);
    expect(statuses(outbox)).toBe("a0 sent, a1 sent, a2 sent");
  });

  test("a frame holds no more commands than the server takes at once", () => {
    expect(takeFrame(outboxOf(50), here).lines).toHaveLength(MAX_IN_FLIGHT);
  });

  test("a frame is never over its limit of bytes", () => {
    const { lines } = takeFrame(outboxOf(10), here);
    const [first = ""] = lines;
    const two = { ...here, frameBytes: first.length * 2 + 1 };
    expect(takeFrame(outboxOf(10), two).lines).toHaveLength(2);
    expect(takeFrame(outboxOf(10), { ...two, frameBytes: two.frameBytes - 1 }).lines).toHaveLength(1);
    expect(takeFrame(outboxOf(10), { ...two, frameBytes: first.length }).lines).toHaveLength(1);
  });

  test("a command that fits into no frame fails, and those behind it leave", () => {
    const outbox = enqueue(createOutbox([], "e1"), { type: "send", id: "long", text: "é".repeat(100) }, NOW);
    const after = enqueue(outbox, { type: "send", id: "short", text: "x" }, NOW);
    const step = takeFrame(after, { ...here, frameBytes: 100 });
    expect(ids(step.lines)).toEqual(["short"]);
    expect(step.outcomes).toMatchObject([{ id: "long", refusal: { code: "too_long" } }]);
    expect(statuses(step.outbox)).toBe("long failed, short sent");
  });

  test("the next frame leaves when every command of the last one is answered", () => {
    let outbox = takeFrame(outboxOf(MAX_IN_FLIGHT + 1), here).outbox;
    expect(dueAt(outbox)).toBeNull();
    expect(sentAt(outbox)).toBe(NOW);
    for (let i = 0; i < MAX_IN_FLIGHT - 1; i += 1) outbox = answered(outbox, `a${i}`, 8 + i, NOW).outbox;
    expect(takeFrame(outbox, here).lines).toEqual([]);
    outbox = refused(outbox, `a${MAX_IN_FLIGHT - 1}`, { code: "forbidden", message: "no" }, NOW).outbox;
    expect(ids(takeFrame(outbox, here).lines)).toEqual([`a${MAX_IN_FLIGHT}`]);
  });
});

describe("answers", () => {
  test("an entry that was taken stays until its event is there, and then goes", () => {
    const step = answered(sentOutbox(2), "a0", 9, NOW);
    expect(step.outcomes).toEqual([{ id: "a0", seq: 9 }]);
    expect(awaitedEvents(step.outbox)).toEqual(new Map([[9, "a0"]]));
    expect(statuses(caughtUp(step.outbox, 8))).toBe("a0 sent, a1 sent");
    expect(statuses(caughtUp(step.outbox, 9))).toBe("a1 sent");
  });

  test("answers that nobody waits for change nothing", () => {
    const { outbox } = answered(sentOutbox(1), "a0", 9, NOW);
    expect(answered(outbox, "a0", 10, NOW)).toEqual({ outbox, outcomes: [] });
    expect(answered(outbox, "other", 10, NOW)).toEqual({ outbox, outcomes: [] });
    expect(refused(outbox, "a0", slow(1), NOW)).toEqual({ outbox, outcomes: [] });
  });

  test("a refusal fails the entry, which can be tried again under another id, or dropped", () => {
    const refusal: CommandError = { code: "not_found", message: "there is no such message" };
    const { outbox, outcomes } = refused(sentOutbox(2), "a0", refusal, NOW);
    expect(outcomes).toEqual([{ id: "a0", refusal }]);
    expect(outbox.entries[0]).toMatchObject({ status: "failed", error: refusal });
    expect(statuses(retried(outbox, "a0", "b0", NOW))).toBe("a1 sent, b0 queued");
    expect(statuses(discarded(outbox, "a0"))).toBe("a1 sent");
  });

  test("only what failed is tried again, and only what is certainly not in the log is dropped", () => {
    const outbox = sentOutbox(1);
    expect(retried(outbox, "a0", "b0", NOW)).toBe(outbox);
    expect(discarded(outbox, "a0")).toBe(outbox);
    const doubtful = disconnected(outbox);
    expect(discarded(doubtful, "a0")).toBe(doubtful);
    expect(discarded(outboxOf(1), "a0").entries).toEqual([]);
  });
});

describe("a rate limit", () => {
  /** Five commands of which the room took two. */
  function limited(): Outbox {
    let outbox = sentOutbox(5);
    // Refusals are told at once, what was taken only once it is stored.
    for (const id of ["a2", "a3", "a4"]) outbox = refused(outbox, id, slow(200), NOW).outbox;
    for (const id of ["a0", "a1"]) outbox = caughtUp(answered(outbox, id, 8, NOW).outbox, 8);
    return outbox;
  }

  test("settles nothing: the entry is queued again, and says until when", () => {
    const { outbox, outcomes } = refused(sentOutbox(1), "a0", slow(200), NOW);
    expect(outcomes).toEqual([]);
    expect(outbox.entries[0]).toMatchObject({ status: "queued", retryAt: NOW + 200 });
    expect(dueAt(outbox)).toBe(NOW + 200);
    expect(takeFrame(outbox, { ...here, now: NOW + 199 }).lines).toEqual([]);
    expect(takeFrame(outbox, { ...here, now: NOW + 200 }).outbox.entries[0]).not.toHaveProperty("retryAt");
  });

  test("makes commands leave one at a time, in order, at the pace that the room asked for", () => {
    let outbox = limited();
    let now = NOW;
    for (const id of ["a2", "a3", "a4"]) {
      expect(dueAt(outbox)).toBe(now + 200);
      now += 200;
      const step = takeFrame(outbox, { ...here, now });
      expect(ids(step.lines)).toEqual([id]);
      outbox = caughtUp(answered(step.outbox, id, 9, now).outbox, 9);
    }
    expect(outbox).toMatchObject({ entries: [], pauseMs: null, notBefore: 0 });
  });

  test("slows down further where that was too fast still", () => {
    let outbox = takeFrame(limited(), { ...here, now: NOW + 200 }).outbox;
    outbox = refused(outbox, "a2", slow(500), NOW + 200).outbox;
    outbox = takeFrame(outbox, { ...here, now: NOW + 700 }).outbox;
    outbox = answered(outbox, "a2", 9, NOW + 700).outbox;
    expect(dueAt(outbox)).toBe(NOW + 1_200);
  });

  test("is forgotten with the connection, whose successor has a rate of its own", () => {
    const outbox = rejoined(disconnected(limited()), welcome()).outbox;
    expect(dueAt(outbox)).toBe(0);
    expect(ids(takeFrame(outbox, here).lines)).toEqual(["a2", "a3", "a4"]);
  });
});

describe("after a lost connection", () => {
  test("what was sent leaves again in order, under the same ids, before what was not", () => {
    const outbox = enqueue(sentOutbox(2), { type: "delete", id: "b0", target: 1 }, NOW);
    const step = rejoined(disconnected(outbox), welcome());
    expect(step.outcomes).toEqual([]);
    expect(ids(takeFrame(step.outbox, here).lines)).toEqual(["a0", "a1", "b0"]);
  });

  test("what is among the own events of the welcome is done", () => {
    const step = rejoined(disconnected(sentOutbox(2)), welcome({ seqs: new Map([["a0", 8]]) }));
    expect(step.outcomes).toEqual([{ id: "a0", seq: 8 }]);
    expect(statuses(step.outbox)).toBe("a1 queued");
  });

  test("what was taken already is not told of twice", () => {
    const { outbox } = answered(sentOutbox(1), "a0", 8, NOW);
    const step = rejoined(disconnected(outbox), welcome({ seqs: new Map([["a0", 8]]) }));
    expect(step).toMatchObject({ outcomes: [], outbox: { entries: [] } });
  });

  test("what was not sent may be dropped when the welcome shows that it is not in the log", () => {
    const { outbox } = rejoined(disconnected(sentOutbox(1)), welcome());
    expect(discarded(outbox, "a0").entries).toEqual([]);
  });

  test("a rate limit on the new connection leaves the doubt of the old one", () => {
    const doubtful = rejoined(
      disconnected(sentOutbox(1)),
      welcome({ eventsAfter: 50, messagesAfter: 50 }),
    ).outbox;
    const again = refused(
      takeFrame(doubtful, { ...here, now: NOW + 9 }).outbox,
      "a0",
      slow(1),
      NOW + 9,
    ).outbox;
    expect(discarded(again, "a0")).toBe(again);
    expect(again.entries[0]?.sent).toEqual({ at: NOW, after: 7 });
  });

  describe("of longer than the room remembers ids", () => {
    const later = NOW + 10 * MINUTE;
    const doubtful = disconnected(sentOutbox(1));

    test("it resumes from where the command was sent, so that the welcome tells", () => {
      expect(resumeFrom(doubtful, 90, NOW + MINUTE)).toBe(90);
      expect(resumeFrom(doubtful, 90, later)).toBe(7);
      expect(resumeFrom(doubtful, 700, later)).toBe(700);
    });

    test("a command that a welcome rules out leaves again", () => {
      const step = rejoined(doubtful, welcome({ now: later }));
      expect(step.outcomes).toEqual([]);
      expect(ids(takeFrame(step.outbox, { ...here, now: later }).lines)).toEqual(["a0"]);
    });

    test("a message is ruled out by all messages since, another command is not", () => {
      const rulesOut = welcome({ now: later, eventsAfter: 90, messagesAfter: 5 });
      expect(rejoined(doubtful, rulesOut).outcomes).toEqual([]);
      const edit = enqueue(createOutbox([], "e1"), { type: "edit", id: "b0", target: 1, text: "x" }, NOW);
      const sent = disconnected(takeFrame(edit, here).outbox);
      expect(rejoined(sent, rulesOut).outcomes).toMatchObject([{ id: "b0", refusal: { code: "internal" } }]);
    });

    test("a command that nothing rules out fails and is not sent twice", () => {
      const step = rejoined(doubtful, welcome({ now: later, eventsAfter: 90, messagesAfter: 80 }));
      expect(step.outcomes).toMatchObject([{ id: "a0", refusal: { code: "internal" } }]);
      expect(statuses(step.outbox)).toBe("a0 failed");
    });

    test("a command that waits until then fails when its turn comes", () => {
      const step = rejoined(doubtful, welcome({ eventsAfter: 90, messagesAfter: 80 }));
      expect(step.outcomes).toEqual([]);
      const late = takeFrame(step.outbox, { ...here, now: later });
      expect(late.lines).toEqual([]);
      expect(late.outcomes).toMatchObject([{ id: "a0", refusal: { code: "internal" } }]);
    });
  });
});

describe("where the log is another", () => {
  function mixed(): Outbox {
    let outbox = createOutbox([], "e1");
    outbox = enqueue(outbox, { type: "send", id: "a0", text: "hello", reply: 3 }, NOW);
    outbox = enqueue(outbox, { type: "react", id: "a1", target: 3, emoji: "👍", on: true }, NOW);
    return enqueue(outbox, { type: "send", id: "a2", text: "again" }, NOW);
  }

  test.each([
    ["another epoch", welcome({ epoch: "e2" })],
    ["the same epoch with less in it", welcome({ isNewLog: true })],
  ])("messages are sent into it, without what they answer; the rest has no object any more: %s", (_, own) => {
    const step = rejoined(disconnected(takeFrame(mixed(), here).outbox), own);
    expect(step.outcomes).toMatchObject([{ id: "a1", refusal: { code: "not_found" } }]);
    expect(step.outbox.epoch).toBe(own.epoch);
    expect(takeFrame(step.outbox, here).lines.map((line) => JSON.parse(line))).toEqual([
      { type: "send", id: "a0", text: "hello" },
      { type: "send", id: "a2", text: "again" },
    ]);
  });

  test("what failed in the old one can still be sent as a message, and nothing else", () => {
    let outbox = takeFrame(mixed(), here).outbox;
    const error: CommandError = { code: "not_found", message: "gone" };
    for (const id of ["a0", "a1"]) outbox = refused(outbox, id, error, NOW).outbox;
    const step = rejoined(disconnected(outbox), welcome({ epoch: "e2" }));
    expect(step.outcomes).toEqual([]);
    expect(step.outbox.entries[0]).toMatchObject({
      status: "failed",
      error,
      command: { type: "send", id: "a0", text: "hello" },
    });
    expect(statuses(step.outbox)).toBe("a0 failed, a2 queued");
  });

  test("the first log that is known is not another", () => {
    const step = rejoined(outboxOf(1, null), welcome({ epoch: "e9" }));
    expect(step.outbox).toMatchObject({ epoch: "e9", entries: [{ id: "a0", status: "queued" }] });
  });
});
