// Holds the outbox's text: what is saved is read back, and nothing else is believed.
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { createOutbox, enqueue, refused, takeFrame } from "../../src/client/outbox.ts";
import { disconnected } from "../../src/client/outbox-recovery.ts";
import { OutboxKeeper, parseOutbox, serializeOutbox } from "../../src/client/outbox-storage.ts";

const KEY = "a-key-of-at-least-22-characters";
const here = { now: 5_000, head: 3, frameBytes: 32_768 };

function mixedOutbox() {
  let outbox = createOutbox([], "e1");
  outbox = enqueue(outbox, { type: "edit", id: "a0", target: 2, text: "x" }, 1);
  outbox = enqueue(outbox, { type: "send", id: "a1", text: "é\n\u2028", reply: 2 }, 2);
  outbox = takeFrame(outbox, here).outbox;
  outbox = refused(outbox, "a0", { code: "forbidden", message: "not yours" }, 3).outbox;
  outbox = enqueue(outbox, { type: "delete", id: "a2", target: 2 }, 4);
  return enqueue(outbox, { type: "react", id: "a3", target: 2, emoji: "👍", on: true }, 5);
}

test("an outbox comes back as if its connection were lost", () => {
  const { outbox, key } = parseOutbox(serializeOutbox(mixedOutbox(), KEY));
  expect(outbox).toEqual(disconnected(mixedOutbox()));
  expect(outbox.entries.map(({ status }) => status)).toEqual(["failed", "queued", "queued", "queued"]);
  expect(key).toBe(KEY);
});

test("the key of a throw-away identity is not kept for longer than there is something to send", () => {
  expect(serializeOutbox(createOutbox([], "e1"), KEY)).not.toContain(KEY);
});

test.each([
  ["nothing", null],
  ["no JSON", "{"],
  ["another JSON", "[1]"],
  ["another version", '{"version":2,"epoch":null,"entries":[]}'],
  ["a key that no room takes", `{"version":1,"epoch":null,"entries":[],"key":"short"}`],
])("%s is an empty outbox", (_, text) => {
  expect(parseOutbox(text)).toEqual({ outbox: createOutbox([], null), key: undefined });
});

test("entries that cannot be read are left out, the others are kept", () => {
  const good = { at: 1, command: { type: "send", id: "a1", text: "x" } };
  const bad = [
    null,
    { at: 1 },
    { ...good, at: "1" },
    { ...good, command: { ...good.command, id: "an id with spaces" } },
    { ...good, command: { type: "hello", id: "a2" } },
    { ...good, sent: { at: 1, after: -1 } },
    { ...good, error: { code: "unheard of", message: "" } },
  ];
  const text = JSON.stringify({ version: 1, epoch: null, entries: [...bad, good] });
  expect(parseOutbox(text).outbox.entries).toMatchObject([{ id: "a1", status: "queued" }]);
});

test("no text breaks the reading", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseOutbox(text).outbox.entries).toEqual([]);
    }),
  );
});

test("an outbox is saved when it changed, and only then", () => {
  const save = vi.fn();
  const keeper = new OutboxKeeper({ load: () => null, save });
  keeper.save(keeper.outbox, undefined);
  expect(save).not.toHaveBeenCalled();
  const outbox = mixedOutbox();
  keeper.save(outbox, undefined);
  keeper.save(outbox, undefined);
  expect(save.mock.calls).toEqual([[serializeOutbox(outbox, undefined)]]);
});

test("a storage that fails is reported once and otherwise does without", () => {
  const reports: (() => void)[] = [];
  vi.stubGlobal("queueMicrotask", (report: () => void) => reports.push(report));
  try {
    const fail = () => {
      throw new Error("the storage is full");
    };
    const keeper = new OutboxKeeper({ load: () => null, save: fail });
    keeper.save(mixedOutbox(), undefined);
    keeper.save(mixedOutbox(), undefined);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toThrow("the storage is full");
    expect(new OutboxKeeper({ load: fail, save: fail }).outbox.entries).toEqual([]);
    expect(reports).toHaveLength(2);
  } finally {
    vi.unstubAllGlobals();
  }
});
