// The outbox: order, rate limits, unconfirmed commands after a lost connection, a new log.
import { describe, expect, test } from "vitest";
import { MAX_IN_FLIGHT } from "../../../src/client/frame-pacing.ts";
import { type CommandResult, type FrameContext, Outbox } from "../../../src/client/outbox.ts";
import { type OwnEvents, resumeFrom } from "../../../src/client/outbox-entry.ts";
import type { CommandError, LogCommand } from "../../../src/protocol/index.ts";

const NOW = 1_000_000;
const MINUTE = 60_000;
const context = { now: NOW, head: 7, frameBytes: 32_768 };
const slow = (retryAfter: number): CommandError => ({
  code: "rate_limited",
  message: "too fast",
  retryAfter,
});
const forbidden: CommandError = { code: "forbidden", message: "no" };

/** An outbox of that many messages, `a0`, `a1` and so on. */
function outboxOf(count: number, epoch: string | null = "e1"): Outbox {
  const outbox = new Outbox([], epoch);
  for (let i = 0; i < count; i += 1) outbox.add({ type: "send", id: `a${i}`, text: `text ${i}` }, NOW);
  return outbox;
}

/** An outbox that has sent its first frame. */
function sentOutbox(count: number): Outbox {
  const outbox = outboxOf(count);
  outbox.takeFrame(context);
  return outbox;
}

/** Ids of the commands in the next frame. */
function takeIds(outbox: Outbox, change: Partial<FrameContext> = {}): unknown[] {
  return outbox.takeFrame({ ...context, ...change }).lines.map((line) => JSON.parse(line).id);
}

function statuses(outbox: Outbox): string {
  return outbox.entries.map(({ id, status }) => `${id} ${status}`).join(", ");
}

/** The outbox after it lost its connection and joined again. `change` is what the `welcome` shows. */
function rejoin(outbox: Outbox, change: Partial<OwnEvents> = {}): CommandResult[] {
  outbox.disconnected();
  return outbox.rejoined({
    epoch: "e1",
    isNewLog: false,
    seqs: new Map(),
    eventsAfter: 7,
    itemsAfter: 7,
    now: NOW + 1_000,
    ...change,
  });
}

/** A `welcome` that shows neither events nor messages from the time of sending. */
const showsNothing = { eventsAfter: 50, itemsAfter: 50 };
/** A `welcome` that shows every message and notice of a log, but not its changes. */
const showsItems = { eventsAfter: 50, itemsAfter: 0 };

describe("order", () => {
  test("commands are sent in the order in which they were added, in one frame", () => {
    const outbox = outboxOf(3);
    expect(takeIds(outbox)).toEqual(["a0", "a1", "a2"]);
    expect(statuses(outbox)).toBe("a0 sent, a1 sent, a2 sent");
  });

  test("a frame has no more commands than the server accepts at once", () => {
    expect(takeIds(outboxOf(50))).toHaveLength(MAX_IN_FLIGHT);
  });

  test("a frame never exceeds its limit of bytes", () => {
    const [first = ""] = outboxOf(1).takeFrame(context).lines;
    const two = first.length * 2 + 1;
    expect(takeIds(outboxOf(10), { frameBytes: two })).toHaveLength(2);
    expect(takeIds(outboxOf(10), { frameBytes: two - 1 })).toHaveLength(1);
    expect(takeIds(outboxOf(10), { frameBytes: first.length })).toHaveLength(1);
  });

  test("a command that fits into no frame fails, and the ones after it are sent", () => {
    const outbox = new Outbox([], "e1");
    outbox.add({ type: "send", id: "long", text: "é".repeat(100) }, NOW);
    outbox.add({ type: "send", id: "short", text: "x" }, NOW);
    const { lines, results } = outbox.takeFrame({ ...context, frameBytes: 100 });
    expect(lines).toEqual(['{"type":"send","id":"short","text":"x"}']);
    expect(results).toMatchObject([{ id: "long", error: { code: "too_long" } }]);
    expect(statuses(outbox)).toBe("long failed, short sent");
  });

  test("the next frame is sent once every command of the last one is answered", () => {
    const outbox = outboxOf(MAX_IN_FLIGHT + 1);
    outbox.takeFrame(context);
    expect(outbox.dueAt).toBeNull();
    expect(outbox.sentAt).toBe(NOW);
    for (let i = 0; i < MAX_IN_FLIGHT - 1; i += 1) outbox.accepted(`a${i}`, 8 + i, NOW);
    expect(takeIds(outbox)).toEqual([]);
    outbox.rejected(`a${MAX_IN_FLIGHT - 1}`, forbidden, NOW);
    expect(outbox.sentAt).toBeNull();
    expect(takeIds(outbox)).toEqual([`a${MAX_IN_FLIGHT}`]);
  });
});

describe("answers", () => {
  test("a stored command stays until its event has arrived", () => {
    const outbox = sentOutbox(2);
    expect(outbox.accepted("a0", 9, NOW)).toEqual([{ id: "a0", seq: 9 }]);
    expect(outbox.awaited).toEqual(new Map([[9, "a0"]]));
    outbox.caughtUp(8);
    expect(statuses(outbox)).toBe("a0 sent, a1 sent");
    outbox.caughtUp(9);
    expect(statuses(outbox)).toBe("a1 sent");
    expect(outbox.awaited).toEqual(new Map());
  });

  test("an unexpected answer changes nothing", () => {
    const outbox = sentOutbox(1);
    outbox.accepted("a0", 9, NOW);
    const { entries, revision } = outbox;
    expect(outbox.accepted("a0", 10, NOW)).toEqual([]);
    expect(outbox.accepted("other", 10, NOW)).toEqual([]);
    expect(outbox.rejected("a0", slow(1), NOW)).toBeNull();
    expect(outbox.entries).toBe(entries);
    expect(outbox.revision).toBe(revision);
  });

  test("a rejected command fails, and can be retried under another id or discarded", () => {
    const error: CommandError = { code: "not_found", message: "there is no such message" };
    const outbox = sentOutbox(3);
    expect(outbox.rejected("a0", error, NOW)).toMatchObject([
      { id: "a0", error, command: { text: "text 0" } },
    ]);
    expect(outbox.rejected("a1", error, NOW)).toMatchObject([{ id: "a1", error }]);
    expect(outbox.entries[0]).toMatchObject({ status: "failed", error });
    outbox.retry("a0", "b0", NOW);
    expect(statuses(outbox)).toBe("a1 failed, a2 sent, b0 queued");
    expect(outbox.discard("a1")).toBe(true);
    expect(statuses(outbox)).toBe("a2 sent, b0 queued");
  });

  test("a failed command is removed at once if failures are not kept", () => {
    const outbox = new Outbox([], "e1", false);
    outbox.add({ type: "send", id: "a0", text: "x" }, NOW);
    outbox.takeFrame(context);
    expect(outbox.rejected("a0", forbidden, NOW)).toMatchObject([{ id: "a0", error: forbidden }]);
    expect(outbox.entries).toEqual([]);
    expect(outbox.isPending).toBe(false);
  });

  test("only a failed command is retried, and only one that cannot be in the log is discarded", () => {
    const outbox = sentOutbox(1);
    outbox.retry("a0", "b0", NOW);
    expect(outbox.discard("a0")).toBe(false);
    expect(statuses(outbox)).toBe("a0 sent");
    outbox.disconnected();
    expect(outbox.discard("a0")).toBe(false);
    expect(statuses(outbox)).toBe("a0 queued");
    expect(outboxOf(1).discard("a0")).toBe(true);
    expect(outboxOf(1).discard("other")).toBe(false);
  });
});

describe("a rate limit", () => {
  /** An outbox of five commands, of which the room stored two. */
  function limitedOutbox(): Outbox {
    const outbox = sentOutbox(5);
    // The room answers rejected commands at once, stored ones only after the commit.
    for (const id of ["a2", "a3", "a4"]) outbox.rejected(id, slow(200), NOW);
    outbox.accepted("a0", 8, NOW);
    outbox.accepted("a1", 9, NOW);
    outbox.caughtUp(9);
    return outbox;
  }

  test("queues the command again, with the time at which it is sent", () => {
    const outbox = sentOutbox(1);
    expect(outbox.rejected("a0", slow(200), NOW)).toEqual([]);
    expect(outbox.entries[0]).toMatchObject({ status: "queued", retryAt: NOW + 200 });
    expect(outbox.dueAt).toBe(NOW + 200);
    expect(takeIds(outbox, { now: NOW + 199 })).toEqual([]);
    expect(takeIds(outbox, { now: NOW + 200 })).toEqual(["a0"]);
    expect(outbox.entries[0]).not.toHaveProperty("retryAt");
  });

  test("makes commands leave one at a time, in order and with the requested pause", () => {
    const outbox = limitedOutbox();
    let now = NOW;
    for (const id of ["a2", "a3", "a4"]) {
      expect(outbox.dueAt).toBe(now + 200);
      now += 200;
      expect(takeIds(outbox, { now })).toEqual([id]);
      outbox.accepted(id, 10, now);
      outbox.caughtUp(10);
    }
    expect(outbox.entries).toEqual([]);
  });

  test("ends with the last command: the next ones share a frame again", () => {
    const outbox = sentOutbox(1);
    outbox.rejected("a0", slow(200), NOW);
    expect(takeIds(outbox, { now: NOW + 200 })).toEqual(["a0"]);
    outbox.accepted("a0", 8, NOW + 200);
    for (const id of ["b0", "b1"]) outbox.add({ type: "send", id, text: id }, NOW + 200);
    expect(takeIds(outbox, { now: NOW + 200 })).toEqual(["b0", "b1"]);
  });

  test("makes the pause longer if the room asks for that", () => {
    const outbox = limitedOutbox();
    takeIds(outbox, { now: NOW + 200 });
    outbox.rejected("a2", slow(500), NOW + 200);
    expect(takeIds(outbox, { now: NOW + 700 })).toEqual(["a2"]);
    outbox.accepted("a2", 9, NOW + 700);
    expect(outbox.dueAt).toBe(NOW + 1_200);
  });

  test("ends with the connection: the next one has a rate of its own", () => {
    const outbox = limitedOutbox();
    rejoin(outbox);
    expect(outbox.dueAt).toBe(0);
    expect(takeIds(outbox)).toEqual(["a2", "a3", "a4"]);
  });
});

describe("after a lost connection", () => {
  test("sent commands are sent again in order, under the same ids, before the queued ones", () => {
    const outbox = sentOutbox(2);
    outbox.add({ type: "delete", id: "b0", target: 1 }, NOW);
    expect(rejoin(outbox)).toEqual([]);
    expect(takeIds(outbox)).toEqual(["a0", "a1", "b0"]);
  });

  test("a command among the own events of the welcome is done", () => {
    const outbox = sentOutbox(2);
    expect(rejoin(outbox, { seqs: new Map([["a0", 8]]) })).toEqual([{ id: "a0", seq: 8 }]);
    expect(statuses(outbox)).toBe("a1 queued");
  });

  test("a command that was answered before is not settled twice", () => {
    const outbox = sentOutbox(1);
    outbox.accepted("a0", 8, NOW);
    expect(rejoin(outbox, { seqs: new Map([["a0", 8]]) })).toEqual([]);
    expect(outbox.entries).toEqual([]);
    expect(outbox.awaited).toEqual(new Map());
  });

  test("a command can be discarded once the welcome shows that the log does not have it", () => {
    const outbox = sentOutbox(1);
    rejoin(outbox);
    expect(outbox.discard("a0")).toBe(true);
  });

  test("a rate limit on the new connection leaves the command unconfirmed", () => {
    const outbox = sentOutbox(1);
    rejoin(outbox, showsNothing);
    takeIds(outbox, { now: NOW + 9 });
    outbox.rejected("a0", slow(1), NOW + 9);
    expect(outbox.discard("a0")).toBe(false);
    expect(outbox.entries[0]?.sent).toEqual({ at: NOW, after: 7 });
  });

  describe("for longer than the room remembers ids", () => {
    const later = NOW + 10 * MINUTE;

    test("resumes from where the command was sent, so that the welcome shows it", () => {
      const outbox = sentOutbox(1);
      outbox.disconnected();
      expect(resumeFrom(outbox.entries, 90, NOW + MINUTE)).toBe(90);
      expect(resumeFrom(outbox.entries, 90, later)).toBe(7);
      expect(resumeFrom(outbox.entries, 700, later)).toBe(700);
    });

    test("a command that the welcome rules out is sent again", () => {
      const outbox = sentOutbox(1);
      expect(rejoin(outbox, { now: later })).toEqual([]);
      expect(takeIds(outbox, { now: later })).toEqual(["a0"]);
    });

    test.each<[boolean, LogCommand]>([
      [true, { type: "send", id: "b0", text: "x" }],
      [true, { type: "mute", id: "b0", member: "aaaaaaaaaa" }],
      [true, { type: "pin", id: "b0", target: 1, on: true }],
      [false, { type: "edit", id: "b0", target: 1, text: "x" }],
      [false, { type: "delete", id: "b0", target: 1 }],
      [false, { type: "react", id: "b0", target: 1, emoji: "👍", on: true }],
    ])("all messages and notices since rule out (%s): %o", (isRuledOut, command) => {
      const outbox = new Outbox([], "e1");
      outbox.add(command, NOW);
      outbox.takeFrame(context);
      const results = rejoin(outbox, { now: later, eventsAfter: 90, itemsAfter: 5 });
      expect(results).toMatchObject(isRuledOut ? [] : [{ id: "b0", error: { code: "internal" } }]);
      expect(takeIds(outbox, { now: later })).toEqual(isRuledOut ? ["b0"] : []);
    });

    test("a command that nothing rules out fails and is not sent again", () => {
      const outbox = sentOutbox(1);
      const results = rejoin(outbox, { now: later, ...showsNothing });
      expect(results).toMatchObject([{ id: "a0", error: { code: "internal" } }]);
      expect(statuses(outbox)).toBe("a0 failed");
    });

    test("a command that is queued until then fails when it is due", () => {
      const outbox = sentOutbox(1);
      expect(rejoin(outbox, showsNothing)).toEqual([]);
      const { lines, results } = outbox.takeFrame({ ...context, now: later });
      expect(lines).toEqual([]);
      expect(results).toMatchObject([{ id: "a0", error: { code: "internal" } }]);
    });
  });
});

describe("in a new log", () => {
  function mixedOutbox(): Outbox {
    const outbox = new Outbox([], "e1");
    outbox.add({ type: "send", id: "a0", text: "hello", reply: 3 }, NOW);
    outbox.add({ type: "react", id: "a1", target: 3, emoji: "👍", on: true }, NOW);
    outbox.add({ type: "send", id: "a2", text: "again" }, NOW);
    outbox.takeFrame(context);
    return outbox;
  }

  test.each([
    ["another epoch", { epoch: "e2" }],
    ["the same epoch with fewer events", { epoch: "e1", isNewLog: true }],
  ])("messages are sent without their reply, other commands fail: %s", (_, change) => {
    const outbox = mixedOutbox();
    expect(rejoin(outbox, change)).toMatchObject([{ id: "a1", error: { code: "internal" } }]);
    expect(outbox.epoch).toBe(change.epoch);
    expect(outbox.takeFrame(context).lines.map((line) => JSON.parse(line))).toEqual([
      { type: "send", id: "a0", text: "hello" },
      { type: "send", id: "a2", text: "again" },
    ]);
  });

  test.each<[string, LogCommand, Partial<OwnEvents>]>([
    ["not_found", { type: "settings", id: "b0", title: "x" }, showsItems],
    ["internal", { type: "settings", id: "b0", title: "x" }, { eventsAfter: 50, itemsAfter: 1 }],
    ["not_found", { type: "delete", id: "b0", target: 1 }, { eventsAfter: 0, itemsAfter: 0 }],
    ["internal", { type: "delete", id: "b0", target: 1 }, showsItems],
  ])("a sent command that is no message fails with %s: %o, %o", (code, command, shown) => {
    const outbox = new Outbox([], "e1");
    outbox.add(command, NOW);
    outbox.takeFrame(context);
    expect(rejoin(outbox, { epoch: "e2", ...shown })).toMatchObject([{ id: "b0", error: { code } }]);
    expect(outbox.entries).toEqual([]);
  });

  test("a command that was never sent fails with not_found, whatever the welcome shows", () => {
    const outbox = new Outbox([], "e1");
    outbox.add({ type: "settings", id: "b0", title: "x" }, NOW);
    const results = rejoin(outbox, { epoch: "e2", ...showsNothing });
    expect(results).toMatchObject([{ id: "b0", error: { code: "not_found" } }]);
  });

  test("a sent message can be in a part of the log that the next welcome shows", () => {
    const outbox = sentOutbox(1);
    expect(rejoin(outbox, { epoch: "e2", ...showsNothing })).toEqual([]);
    expect(outbox.entries[0]?.sent).toEqual({ at: NOW, after: 0 });
    expect(outbox.discard("a0")).toBe(false);
  });

  test("a message that the room may have stored and forgotten fails without its reply", () => {
    const outbox = mixedOutbox();
    const results = rejoin(outbox, { epoch: "e2", now: NOW + 10 * MINUTE, ...showsNothing });
    expect(results).toMatchObject(["a0", "a1", "a2"].map((id) => ({ id, error: { code: "internal" } })));
    expect(statuses(outbox)).toBe("a0 failed, a2 failed");
    expect(outbox.entries[0]?.command).toEqual({ type: "send", id: "a0", text: "hello" });
  });

  test("a failed message stays and can be retried, other failed commands are removed", () => {
    const outbox = mixedOutbox();
    const error: CommandError = { code: "not_found", message: "gone" };
    for (const id of ["a0", "a1"]) outbox.rejected(id, error, NOW);
    expect(rejoin(outbox, { epoch: "e2" })).toEqual([]);
    expect(outbox.entries[0]).toMatchObject({
      status: "failed",
      error,
      command: { type: "send", id: "a0", text: "hello" },
    });
    expect(statuses(outbox)).toBe("a0 failed, a2 queued");
  });

  test("commands of moderators and owners fail, unless the welcome shows them", () => {
    const outbox = new Outbox([], "e1");
    outbox.add({ type: "settings", id: "s0", slowMode: 5_000 }, NOW);
    outbox.add({ type: "pin", id: "p0", target: 3, on: true }, NOW);
    outbox.add({ type: "wipe", id: "w0" }, NOW);
    outbox.takeFrame(context);
    expect(rejoin(outbox, { epoch: "e2", ...showsItems, seqs: new Map([["w0", 1]]) })).toMatchObject([
      { id: "s0", error: { code: "not_found" } },
      { id: "p0", error: { code: "not_found" } },
      { id: "w0", seq: 1 },
    ]);
    expect(outbox.entries).toEqual([]);
  });

  test("the first known log is not a new one", () => {
    const outbox = outboxOf(1, null);
    rejoin(outbox, { epoch: "e9" });
    expect(outbox.epoch).toBe("e9");
    expect(statuses(outbox)).toBe("a0 queued");
  });
});
