// Messages with the commands in the outbox applied.
import { describe, expect, test } from "vitest";
import type { OutboxEntry, TimelineMessage } from "../../../src/client/index.ts";
import { pendingSends, withPending } from "../../../src/page/state/pending.ts";

function message(seq: number, over: Partial<TimelineMessage> = {}): TimelineMessage {
  const text = `text ${seq}`;
  return { type: "message", seq, at: seq, user: "ann", name: "Ann", text, reactions: {}, ...over };
}

describe("pending changes", () => {
  const entry = (command: OutboxEntry["command"], status: OutboxEntry["status"] = "queued"): OutboxEntry => ({
    id: command.id,
    kind: command.type,
    command,
    at: 5,
    status,
  });
  const none = new Set<number>();

  test("keep the identity of the items if there are none", () => {
    const items = [message(1)];
    expect(withPending(items, [], "ann", none)).toBe(items);
    expect(withPending(items, [entry({ type: "send", id: "a", text: "x" })], "ann", none)).toBe(items);
  });

  test("are applied: edits, deletions, reactions", () => {
    const items = [message(1), message(2), message(3, { reactions: { "👍": ["bob", "ann"] } })];
    const outbox = [
      entry({ type: "edit", id: "a", target: 1, text: "new" }),
      entry({ type: "delete", id: "b", target: 2 }),
      entry({ type: "react", id: "c", target: 3, emoji: "👍", on: false }),
      entry({ type: "react", id: "d", target: 3, emoji: "🎉", on: true }),
    ];
    expect(withPending(items, outbox, "ann", none)).toEqual([
      message(1, { text: "new", edited: 5 }),
      message(2, { text: "", deleted: true }),
      message(3, { reactions: { "👍": ["bob"], "🎉": ["ann"] } }),
    ]);
  });

  test("are not applied once they are rejected", () => {
    const rejected = entry({ type: "edit", id: "a", target: 1, text: "new" }, "failed");
    expect(withPending([message(1)], [rejected], "ann", none)).toEqual([message(1)]);
  });

  test("keep the order of reactions when one is repeated", () => {
    const items = [message(1, { reactions: { "👍": ["ann", "bob"] } })];
    const outbox = [entry({ type: "react", id: "a", target: 1, emoji: "👍", on: true })];
    expect(withPending(items, outbox, "ann", none)).toEqual(items);
  });

  test("remove the emoji with its last reaction", () => {
    const items = [message(1, { reactions: { "👍": ["ann"] } })];
    const outbox = [entry({ type: "react", id: "a", target: 1, emoji: "👍", on: false })];
    expect(withPending(items, outbox, "ann", none)).toEqual([message(1)]);
  });

  test("show a hidden message as deleted", () => {
    expect(withPending([message(1)], [], "ann", new Set([1]))).toEqual([
      message(1, { text: "", deleted: true }),
    ]);
  });

  test("list own messages in order, with the message they answer", () => {
    const outbox = [
      entry({ type: "send", id: "a", text: "one" }),
      entry({ type: "delete", id: "b", target: 1 }),
      entry({ type: "send", id: "c", text: "two", reply: 7 }),
    ];
    expect(pendingSends(outbox)).toMatchObject([
      { id: "a", text: "one" },
      { id: "c", text: "two", reply: 7 },
    ]);
  });
});
