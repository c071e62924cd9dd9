// The outbox as a string: what is saved is read back, and anything else is ignored.
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Outbox } from "../../../src/client/outbox.ts";
import { OutboxStore, parseOutbox, serializeOutbox } from "../../../src/client/outbox-storage.ts";

const KEY = "a-key-of-at-least-22-characters";
const NOW = Date.UTC(2030, 0, 1);

/** An outbox with a failed, a sent and two queued commands. */
function mixedOutbox(outbox = new Outbox([], "e1")): Outbox {
  outbox.add({ type: "edit", id: "a0", target: 2, text: "x" }, 1);
  outbox.add({ type: "send", id: "a1", text: "é\n\u2028", reply: 2 }, 2);
  outbox.takeFrame({ now: 5_000, head: 3, frameBytes: 32_768 });
  outbox.rejected("a0", { code: "forbidden", message: "not yours" }, 3);
  outbox.add({ type: "delete", id: "a2", target: 2 }, 4);
  outbox.add({ type: "react", id: "a3", target: 2, emoji: "👍", on: true }, 5);
  return outbox;
}

/** A storage in memory that counts its saves. */
class Storage {
  text: string | null;
  saves = 0;

  constructor(text: string | null = null) {
    this.text = text;
  }

  load = () => this.text;
  save = (text: string | null) => {
    this.text = text;
    this.saves += 1;
  };
}

describe("the string of an outbox", () => {
  test("is read back as the outbox after a lost connection", () => {
    const before = mixedOutbox();
    const { outbox, key } = parseOutbox(serializeOutbox(before.entries, before.epoch, KEY));
    before.disconnected();
    expect(outbox.entries).toEqual(before.entries);
    expect(outbox.entries.map(({ status }) => status)).toEqual(["failed", "queued", "queued", "queued"]);
    expect(outbox.epoch).toBe("e1");
    expect(key).toBe(KEY);
  });

  test("is null if nothing is left to send", () => {
    const outbox = new Outbox([], "e1");
    expect(serializeOutbox(outbox.entries, "e1", KEY)).toBeNull();
    outbox.add({ type: "send", id: "a0", text: "x" }, 1);
    outbox.takeFrame({ now: 5_000, head: 3, frameBytes: 32_768 });
    outbox.accepted("a0", 4, 6_000);
    expect(serializeOutbox(outbox.entries, "e1", KEY)).toBeNull();
  });

  test.each([
    ["nothing", null],
    ["no JSON", "{"],
    ["other JSON", "[1]"],
    ["another version", '{"version":2,"epoch":null,"entries":[]}'],
    ["an invalid key", `{"version":1,"epoch":null,"entries":[],"key":"short"}`],
  ])("is an empty outbox if it is %s", (_, text) => {
    const { outbox, key } = parseOutbox(text);
    expect(outbox).toMatchObject({ entries: [], epoch: null });
    expect(key).toBeUndefined();
  });

  test("loses invalid entries and keeps the others", () => {
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

  test("keeps the files of a message", () => {
    const command = { type: "send", id: "a1", text: "", files: [{ id: "f".repeat(22), alt: "a cat" }] };
    const text = JSON.stringify({ version: 1, epoch: null, entries: [{ at: 1, command }] });
    expect(parseOutbox(text).outbox.entries).toMatchObject([{ command }]);
  });

  test("keeps a text that is over the limit of this version", () => {
    const command = { type: "send", id: "a1", text: "x".repeat(10_000) };
    const text = JSON.stringify({ version: 1, epoch: null, entries: [{ at: 1, command }] });
    expect(parseOutbox(text).outbox.entries).toMatchObject([{ command }]);
  });

  test("can be anything without an exception", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseOutbox(text).outbox.entries).toEqual([]);
      }),
    );
  });
});

describe("a store", () => {
  test("saves an outbox that changed, and only then", () => {
    const storage = new Storage();
    const store = new OutboxStore(storage, KEY);
    store.save(NOW);
    expect(storage.saves).toBe(0);
    mixedOutbox(store.outbox);
    store.save(NOW);
    store.save(NOW);
    expect(storage.saves).toBe(1);
    expect(storage.text).toBe(serializeOutbox(store.outbox.entries, null, undefined));
  });

  test("removes the saved string once the outbox is empty", () => {
    const storage = new Storage();
    const store = new OutboxStore(storage, KEY);
    store.outbox.add({ type: "send", id: "a0", text: "x" }, NOW);
    store.save(NOW);
    expect(storage.text).not.toBeNull();
    store.outbox.discard("a0");
    store.save(NOW);
    expect(storage.text).toBeNull();
  });

  test("removes the string of an empty outbox that an older version saved", () => {
    const storage = new Storage('{"version":1,"epoch":"e1","entries":[]}');
    new OutboxStore(storage, KEY);
    expect(storage.text).toBeNull();
  });

  test("saves the key only if the program passed none", () => {
    const storage = new Storage();
    const store = new OutboxStore(storage, undefined);
    mixedOutbox(store.outbox);
    store.save(NOW);
    expect(storage.text).toContain(store.key);
    expect(new OutboxStore(storage, undefined).key).toBe(store.key);
    expect(new OutboxStore(storage, KEY).key).toBe(KEY);
  });

  test("saves a large outbox at intervals, or at once on request", () => {
    const storage = new Storage();
    const store = new OutboxStore(storage, KEY);
    for (let i = 0; i < 101; i += 1) {
      store.outbox.add({ type: "send", id: `a${i}`, text: "x" }, NOW);
      store.save(NOW);
    }
    expect(storage.saves).toBe(100);
    expect(store.dueAt).toBe(NOW + 200);
    store.save(NOW + 199);
    expect(storage.saves).toBe(100);
    store.save(NOW + 200);
    expect(parseOutbox(storage.text).outbox.size).toBe(101);
    store.outbox.add({ type: "send", id: "b0", text: "x" }, NOW);
    store.flush(NOW + 200);
    expect(parseOutbox(storage.text).outbox.size).toBe(102);
    expect(store.dueAt).toBeNull();
  });

  test("reports a storage that fails once and works without it", () => {
    const reports: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (report: () => void) => reports.push(report));
    try {
      const fail = () => {
        throw new Error("the storage is full");
      };
      const store = new OutboxStore({ load: () => null, save: fail }, KEY);
      for (const id of ["a0", "a1"]) {
        store.outbox.add({ type: "send", id, text: "x" }, NOW);
        store.save(NOW);
      }
      expect(reports).toHaveLength(1);
      expect(reports[0]).toThrow("the storage is full");
      expect(new OutboxStore({ load: fail, save: fail }, KEY).outbox.entries).toEqual([]);
      expect(reports).toHaveLength(2);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
