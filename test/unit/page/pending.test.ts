// Messages with the commands in the outbox applied.
import { describe, expect, test } from "vitest";
import type { OutboxEntry, TimelineMessage } from "../../../src/client/index.ts";
import { allPending, pendingSends, withPending } from "../../../src/page/state/pending.ts";

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

  test("leave the addresses of files at the end of an edited text", () => {
    const files = [{ id: "f", type: "image/png", bytes: 1 }];
    const items = [message(1, { text: "old\nhttps://chat.example/f", files })];
    const outbox = [entry({ type: "edit", id: "a", target: 1, text: "new\nlines" })];
    const [edited] = withPending(items, outbox, "ann", none);
    expect(edited).toMatchObject({ text: "new\nlines\nhttps://chat.example/f", files });
  });

  test("list messages that wait for their files among the others, once each", () => {
    const outbox = [
      entry({ type: "send", id: "a", text: "", files: [{ id: "f".repeat(22) }] }),
      entry({ type: "send", id: "b", text: "two" }),
    ];
    const waiting = [
      { id: "a", text: "", at: 4, files: 1 },
      { id: "c", text: "older", at: 3, files: 2 },
    ];
    expect(allPending(outbox, waiting).map(({ id }) => id)).toEqual(["c", "a", "b"]);
    expect(allPending(outbox, waiting)[1]).toMatchObject({ id: "a", files: 1, entry: { id: "a" } });
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
