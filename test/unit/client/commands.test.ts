// The commands of the client: sending, renaming, typing, loading history, and how their promises settle.
import { describe, expect, test } from "vitest";
import { ChatError, type Gap } from "../../../src/client/index.ts";
import { ClientRig } from "../../helpers/client-rig.ts";
import { messageLine, messageLines, welcomeLine } from "../../helpers/server-lines.ts";

/** Lines that the client sent after `hello` on the newest socket. */
function sentLines({ socket }: ClientRig): unknown[] {
  return socket.lines.slice(1);
}

/** The error that a promise rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<ChatError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ChatError) return error;
  throw new Error(`expected a ChatError, got ${error}`);
}

describe("sending", () => {
  test("resolves with the ok, and the message gets the id of the command", async () => {
    const rig = new ClientRig().join();
    const sent = rig.client.send("hello", { reply: 7 });
    expect(sentLines(rig)).toEqual([{ type: "send", id: "id-1", text: "hello", reply: 7 }]);
    expect(rig.client.state.outbox).toMatchObject([{ id: "id-1", kind: "send", status: "sent" }]);
    rig.socket.receive({ type: "ok", id: "id-1", seq: 2 }, messageLine(1), messageLine(2, { user: "me" }));
    await expect(sent).resolves.toEqual({ id: "id-1", seq: 2 });
    expect(rig.client.state.outbox).toEqual([]);
    expect(rig.client.state.timeline.items.map((item) => "id" in item && item.id)).toEqual([false, "id-1"]);
  });

  test("sends files, and an empty text with them", () => {
    const rig = new ClientRig().join();
    void rig.client.send("", {
      files: [
        { id: "f1", alt: undefined },
        { id: "f2", alt: "a cat", blur: "abc" },
      ],
    });
    const files = [{ id: "f1" }, { id: "f2", alt: "a cat", blur: "abc" }];
    expect(sentLines(rig)).toEqual([{ type: "send", id: "id-1", text: "", files }]);
  });

  test("under an id of the program's is sent once while it is in the outbox", async () => {
    const rig = new ClientRig().join();
    const sent = [rig.client.send("hello", { id: "mine" }), rig.client.send("hello", { id: "mine" })];
    expect(sentLines(rig)).toEqual([{ type: "send", id: "mine", text: "hello" }]);
    rig.socket.receive({ type: "ok", id: "mine", seq: 1 }, messageLine(1, { user: "me" }));
    expect(await Promise.all(sent)).toEqual([
      { id: "mine", seq: 1 },
      { id: "mine", seq: 1 },
    ]);
    void rig.client.send("again", { id: "mine" });
    expect(sentLines(rig)).toHaveLength(2);
    await expect(rig.client.send("hello", { id: "not an id" })).rejects.toBeInstanceOf(TypeError);
  });

  test("under the id of a failed command takes its place", () => {
    const rig = new ClientRig().join();
    void rig.client.send("hello", { id: "mine" });
    rig.socket.receive({ type: "error", id: "mine", code: "forbidden", message: "" });
    expect(rig.client.state.outbox).toMatchObject([{ status: "failed" }]);
    void rig.client.send("hello", { id: "mine" });
    expect(rig.client.state.outbox).toMatchObject([{ status: "sent" }]);
  });

  test("keeps the command in the outbox from the ok to its message", () => {
    const rig = new ClientRig().join();
    void rig.client.send("hello");
    rig.socket.receive({ type: "ok", id: "id-1", seq: 1 });
    expect(rig.client.state.outbox).toMatchObject([{ id: "id-1", status: "sent" }]);
    rig.socket.receive(messageLine(1, { user: "me" }));
    expect(rig.client.state).toMatchObject({ outbox: [], timeline: { items: [{ seq: 1, id: "id-1" }] } });
  });

  test("resolves with an ok that arrives after its message", async () => {
    const rig = new ClientRig().join();
    const sent = rig.client.send("hello");
    rig.socket.receive(messageLine(1, { user: "me" }));
    rig.socket.receive({ type: "ok", id: "id-1", seq: 1 });
    await expect(sent).resolves.toEqual({ id: "id-1", seq: 1 });
    expect(rig.client.state).toMatchObject({ outbox: [], timeline: { items: [{ seq: 1, id: "id-1" }] } });
  });

  test("waits for the first connection", () => {
    const rig = new ClientRig();
    void rig.client.send("first");
    void rig.client.edit(1, "second");
    void rig.client.delete(1);
    void rig.client.react(1, "👍", true);
    expect(rig.client.state.outbox.map(({ status }) => status)).toEqual(Array(4).fill("queued"));
    rig.join();
    expect(rig.socket.sent).toHaveLength(2);
    expect(sentLines(rig)).toEqual([
      { type: "send", id: "id-1", text: "first" },
      { type: "edit", id: "id-2", target: 1, text: "second" },
      { type: "delete", id: "id-3", target: 1 },
      { type: "react", id: "id-4", target: 1, emoji: "👍", on: true },
    ]);
  });

  test("sends again only what the welcome does not show", async () => {
    const rig = new ClientRig().join();
    const first = rig.client.send("first");
    rig.socket.receive({ type: "ok", id: "id-1", seq: 1 }, messageLine(1, { user: "me" }));
    await first;
    const second = rig.client.send("second");
    void rig.client.send("third");
    rig.socket.drop();
    rig.client.reconnectNow();
    rig.welcome({ resumed: true, seq: 2, events: [messageLine(2, { user: "me", id: "id-2" })] });
    await expect(second).resolves.toEqual({ id: "id-2", seq: 2 });
    expect(sentLines(rig)).toEqual([{ type: "send", id: "id-3", text: "third" }]);
  });

  describe("with an answer lost for longer than the room remembers ids", () => {
    const mine = { user: "me" };

    /** A client that received its message without an answer and connects again 10 minutes later. */
    function away(): { rig: ClientRig; sent: Promise<unknown>; emitted: number[] } {
      const rig = new ClientRig().join({ seq: 5, events: messageLines(4, 5), more: true });
      const emitted: number[] = [];
      rig.client.on("event", ({ seq }) => emitted.push(seq));
      const sent = rig.client.send("hello");
      rig.socket.receive(messageLine(6), messageLine(7, mine));
      rig.socket.drop();
      rig.clock.advance(600_000);
      rig.client.reconnectNow();
      rig.socket.open();
      return { rig, sent, emitted };
    }

    test("resumes from where it was sent and emits no event twice", async () => {
      const { rig, sent, emitted } = away();
      expect(rig.socket.lines).toMatchObject([{ type: "hello", resume: { seq: 5 } }]);
      const events = [messageLine(6), messageLine(7, { ...mine, id: "id-1" }), messageLine(8)];
      rig.socket.receive(welcomeLine({ resumed: true, seq: 8, events }));
      await expect(sent).resolves.toEqual({ id: "id-1", seq: 7 });
      expect(emitted).toEqual([6, 7, 8]);
      expect(rig.client.state.timeline.items.map((item) => "id" in item && item.id)).toEqual([
        ...[false, false, false],
        ...["id-1", false],
      ]);
      expect(sentLines(rig)).toEqual([]);
    });

    test("sends again if all messages since do not show it", () => {
      const { rig } = away();
      rig.socket.receive(welcomeLine({ seq: 9, events: messageLines(6, 9), more: true }));
      expect(sentLines(rig)).toContainEqual({ type: "send", id: "id-1", text: "hello" });
    });

    test.each([
      ["shows too little", true],
      ["has everything that is not pruned", false],
    ])("fails, without sending again, if the welcome %s", async (_, more) => {
      const { rig, sent } = away();
      rig.socket.receive(welcomeLine({ seq: 9, events: messageLines(8, 9), more }));
      expect(await errorOf(sent)).toMatchObject({ code: "internal" });
      expect(rig.client.state.outbox).toMatchObject([{ id: "id-1", status: "failed" }]);
      expect(sentLines(rig)).not.toContainEqual({ type: "send", id: "id-1", text: "hello" });
    });
  });

  test("rejects a text over the limit at once", async () => {
    const rig = new ClientRig().join({ limits: { text: 10, name: 32, frame: 200 } });
    expect(await errorOf(rig.client.send("é".repeat(6)))).toMatchObject({ code: "too_long" });
    expect(await errorOf(rig.client.edit(1, "12345678901"))).toMatchObject({ code: "too_long" });
    expect(await errorOf(rig.client.react(1, "x".repeat(200), true))).toMatchObject({ code: "too_long" });
    expect(sentLines(rig)).toEqual([]);
    expect(rig.client.state.outbox).toEqual([]);
    void rig.client.send("é".repeat(5));
    expect(sentLines(rig)).toHaveLength(1);
  });

  test("rejects with the room's reason, and the command stays as failed", async () => {
    const rig = new ClientRig().join();
    const sent = rig.client.send("hello", { reply: 99 });
    rig.socket.receive({ type: "error", id: "id-1", code: "not_found", message: "no such message" });
    const error = await errorOf(sent);
    expect(error).toMatchObject({ name: "ChatError", code: "not_found", message: "no such message" });
    expect(rig.client.state.outbox).toMatchObject([
      { id: "id-1", status: "failed", error: { code: "not_found" } },
    ]);
    rig.client.retry("id-1");
    expect(sentLines(rig).slice(1)).toEqual([{ type: "send", id: "id-2", text: "hello", reply: 99 }]);
  });

  test("sends a rate-limited command again by itself", async () => {
    const rig = new ClientRig().join();
    const sent = rig.client.send("hello");
    rig.socket.receive({
      type: "error",
      id: "id-1",
      code: "rate_limited",
      message: "too fast",
      retryAfter: 300,
    });
    expect(rig.client.state.outbox).toMatchObject([{ status: "queued", retryAt: rig.clock.now() + 300 }]);
    rig.clock.advance(299);
    expect(sentLines(rig)).toHaveLength(1);
    rig.clock.advance(1);
    expect(sentLines(rig)).toHaveLength(2);
    rig.socket.receive({ type: "ok", id: "id-1", seq: 1 });
    await expect(sent).resolves.toEqual({ id: "id-1", seq: 1 });
  });

  test("rejects a command that is discarded before it was sent", async () => {
    const rig = new ClientRig();
    const sent = rig.client.send("hello");
    rig.client.discard("id-1");
    expect(await errorOf(sent)).toMatchObject({ code: "discarded" });
    expect(rig.client.state.outbox).toEqual([]);
    rig.join();
    rig.client.discard("id-1");
    expect(sentLines(rig)).toEqual([]);
  });

  test.each([
    ["the client closes", (rig: ClientRig) => rig.client.close()],
    ["the room closes for good", (rig: ClientRig) => rig.socket.drop(4502)],
  ])("rejects as closed when %s, and the outbox keeps the command", async (_, close) => {
    const rig = new ClientRig().join();
    const sent = rig.client.send("hello");
    close(rig);
    expect(await errorOf(sent)).toMatchObject({ code: "closed" });
    expect(rig.client.state.outbox).toMatchObject([{ id: "id-1", status: "queued" }]);
    rig.join();
    expect(sentLines(rig)).toEqual([{ type: "send", id: "id-1", text: "hello" }]);
  });
});

/** A storage in memory. */
class Storage {
  text: string | null = null;
  load = () => this.text;
  save = (text: string | null) => {
    this.text = text;
  };
}

describe("a stored outbox", () => {
  test("is sent after a reload, under the same ids", () => {
    const storage = new Storage();
    void new ClientRig({ storage }).join().client.send("hello");
    const after = new ClientRig({ storage });
    expect(after.client.state.outbox).toMatchObject([{ id: "id-1", status: "queued" }]);
    after.join();
    expect(sentLines(after)).toEqual([{ type: "send", id: "id-1", text: "hello" }]);
  });

  test("is saved as sent before it is sent", () => {
    const storage = new Storage();
    const rig = new ClientRig({ storage }).join();
    let textAtSending: string | null = null;
    rig.socket.onsend = () => {
      textAtSending = storage.text;
    };
    void rig.client.send("hello");
    expect(JSON.parse(textAtSending ?? "")).toMatchObject({ entries: [{ sent: { after: 0 } }] });
  });

  test("is sent under the generated key under which it may have been sent before", () => {
    const storage = new Storage();
    const before = new ClientRig({ storage }, "no key").join();
    void before.client.send("hello");
    const after = new ClientRig({ storage }, "no key").join();
    expect(after.socket.sent[0]).toBe(before.socket.sent[0]);
    after.socket.receive({ type: "ok", id: "id-1", seq: 1 }, messageLine(1));
    const later = new ClientRig({ storage }, "no key").join();
    expect(later.socket.sent[0]).not.toBe(before.socket.sent[0]);
  });
});

describe("renaming", () => {
  test("resolves with the ok and is part of the next hello", async () => {
    const rig = new ClientRig({ name: "Ada" }).join();
    const renamed = rig.client.rename("  Ada \u202e L. ");
    expect(sentLines(rig)).toEqual([{ type: "rename", id: "id-1", name: "Ada L." }]);
    rig.socket.receive({ type: "ok", id: "id-1" });
    await renamed;
    expect(rig.client.state.you).toEqual({ user: "me", name: "Ada L." });
    rig.socket.drop();
    rig.client.reconnectNow();
    rig.socket.open();
    expect(rig.socket.lines).toMatchObject([{ type: "hello", name: "Ada L." }]);
  });

  test("to an empty name becomes a guest name", async () => {
    const rig = new ClientRig().join({ you: { user: "abcdefghij", name: "Me" } });
    const renamed = rig.client.rename("");
    rig.socket.receive({ type: "ok", id: "id-1" });
    await renamed;
    expect(rig.client.state.you?.name).toBe("guest-abcd");
  });

  test("while offline is part of the next hello and resolves with its welcome", async () => {
    const rig = new ClientRig({ name: "Ada" });
    const first = rig.client.rename("Bea");
    const second = rig.client.rename("Cleo");
    rig.join({ you: { user: "me", name: "Cleo" } });
    await Promise.all([first, second]);
    expect(rig.socket.lines).toMatchObject([{ type: "hello", name: "Cleo" }]);
  });

  test("between hello and welcome is sent after the welcome", () => {
    const rig = new ClientRig({ name: "Ada" });
    rig.client.connect();
    rig.socket.open();
    void rig.client.rename("Bea");
    rig.socket.receive(welcomeLine());
    expect(rig.socket.lines).toMatchObject([
      { type: "hello", name: "Ada" },
      { type: "rename", name: "Bea" },
    ]);
  });

  test("rejects with the room's reason and keeps the old name", async () => {
    const rig = new ClientRig({ name: "Ada" }).join();
    const renamed = rig.client.rename("Bea");
    rig.socket.receive({ type: "error", id: "id-1", code: "forbidden", message: "no" });
    expect(await errorOf(renamed)).toMatchObject({ code: "forbidden" });
    rig.socket.drop();
    rig.client.reconnectNow();
    rig.socket.open();
    expect(rig.socket.lines).toMatchObject([{ type: "hello", name: "Ada" }]);
  });

  test("is sent again by itself after a rate limit", async () => {
    const rig = new ClientRig().join();
    const renamed = rig.client.rename("Bea");
    rig.socket.receive({
      type: "error",
      id: "id-1",
      code: "rate_limited",
      message: "too fast",
      retryAfter: 300,
    });
    rig.clock.advance(300);
    expect(sentLines(rig).slice(1)).toEqual([{ type: "rename", id: "id-2", name: "Bea" }]);
    rig.socket.receive({ type: "ok", id: "id-2" });
    await renamed;
  });

  test("rejects as closed when the client closes, and the name is kept", async () => {
    const rig = new ClientRig().join();
    const renamed = rig.client.rename("Bea");
    rig.client.close();
    expect(await errorOf(renamed)).toMatchObject({ code: "closed" });
    rig.join();
    expect(rig.socket.lines).toMatchObject([{ type: "hello", name: "Bea" }]);
  });

  test("on another connection of the user arrives with presence", () => {
    const rig = new ClientRig().join();
    rig.socket.receive({ type: "presence", online: 1, join: [{ user: "me", name: "Bea" }] });
    expect(rig.client.state).toMatchObject({
      you: { name: "Bea" },
      members: [{ user: "me", name: "Bea" }],
    });
  });
});

describe("typing", () => {
  test("is sent once in 3 s, and its end at once", () => {
    const rig = new ClientRig().join();
    rig.client.typing(true);
    rig.client.typing(true);
    rig.clock.advance(2_999);
    rig.client.typing(true);
    expect(sentLines(rig)).toEqual([{ type: "typing", on: true }]);
    rig.clock.advance(1);
    rig.client.typing(true);
    rig.client.typing(false);
    rig.client.typing(false);
    rig.client.typing(true);
    expect(sentLines(rig).slice(1)).toEqual([
      { type: "typing", on: true },
      { type: "typing", on: false },
      { type: "typing", on: true },
    ]);
  });

  test("is dropped while offline, and not throttled after a lost connection", () => {
    const rig = new ClientRig();
    rig.client.typing(true);
    rig.join();
    rig.client.typing(true);
    rig.socket.drop();
    rig.client.reconnectNow();
    rig.welcome();
    rig.client.typing(true);
    expect(sentLines(rig)).toEqual([{ type: "typing", on: true }]);
  });
});

describe("history", () => {
  const page = (id: string, first: number, last: number) => {
    return { type: "history", id, events: messageLines(first, last), more: first > 1 };
  };

  test("loads page by page, one at a time, until there is no more", async () => {
    const rig = new ClientRig({ history: 2 }).join({ seq: 9, events: messageLines(8, 9), more: true });
    const first = rig.client.loadEarlier();
    const second = rig.client.loadEarlier();
    expect(sentLines(rig)).toEqual([{ type: "history", id: "id-1", before: 8, limit: 2 }]);
    rig.socket.receive(page("id-1", 6, 7));
    await Promise.all([first, second]);
    const rest = rig.client.loadEarlier({ limit: 1_000 });
    expect(sentLines(rig).slice(1)).toEqual([{ type: "history", id: "id-2", before: 6, limit: 100 }]);
    rig.socket.receive(page("id-2", 1, 5));
    await rest;
    expect(rig.client.state.timeline).toMatchObject({ more: false, head: 9 });
    expect(rig.client.state.timeline.items).toHaveLength(9);
    await rig.client.loadEarlier();
    expect(sentLines(rig)).toHaveLength(2);
  });

  test("fills a gap, also after it has become smaller", async () => {
    const rig = new ClientRig().join({ seq: 2, events: messageLines(1, 2) });
    rig.socket.drop();
    rig.client.reconnectNow();
    rig.welcome({ seq: 9, events: [messageLine(9)], more: true });
    rig.socket.receive(page("id-1", 1, 2)); // the refresh of the known messages
    const gap: Gap = { type: "gap", after: 2, before: 9 };
    expect(rig.client.state.timeline.items[2]).toEqual(gap);
    const some = rig.client.fillGap(gap, { limit: 3 });
    expect(sentLines(rig).at(-1)).toEqual({ type: "history", id: "id-2", before: 9, limit: 3 });
    rig.socket.receive(page("id-2", 6, 8));
    await some;
    const rest = rig.client.fillGap(gap);
    expect(sentLines(rig).at(-1)).toEqual({ type: "history", id: "id-3", before: 6, limit: 50 });
    rig.socket.receive(page("id-3", 1, 5));
    await rest;
    expect(rig.client.state.timeline.items.map((item) => "seq" in item && item.seq)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    await rig.client.fillGap(gap);
    expect(sentLines(rig)).toHaveLength(3);
  });

  test("is requested again after a lost connection", async () => {
    const rig = new ClientRig().join({ seq: 9, events: messageLines(8, 9), more: true });
    const loaded = rig.client.loadEarlier({ limit: 4 });
    rig.socket.drop();
    rig.client.reconnectNow();
    rig.welcome({ resumed: true, seq: 9, events: [] });
    expect(sentLines(rig)).toEqual([{ type: "history", id: "id-2", before: 8, limit: 4 }]);
    rig.socket.receive(page("id-1", 1, 7)); // the answer to the first request
    expect(rig.client.state.timeline.items).toHaveLength(2);
    rig.socket.receive(page("id-2", 4, 7));
    await loaded;
    expect(rig.client.state.timeline.items).toHaveLength(6);
  });

  test("waits after a rate limit, and rejects with any other error", async () => {
    const rig = new ClientRig().join({ seq: 9, events: messageLines(8, 9), more: true });
    const loaded = rig.client.loadEarlier();
    rig.socket.receive({
      type: "error",
      id: "id-1",
      code: "rate_limited",
      message: "too fast",
      retryAfter: 100,
    });
    rig.clock.advance(100);
    expect(sentLines(rig).slice(1)).toMatchObject([{ type: "history", id: "id-2" }]);
    rig.socket.receive({ type: "error", id: "id-2", code: "internal", message: "it failed" });
    expect(await errorOf(loaded)).toMatchObject({ code: "internal" });
  });

  test("rejects as closed when the client closes", async () => {
    const rig = new ClientRig().join({ seq: 9, events: messageLines(8, 9), more: true });
    const loaded = rig.client.loadEarlier();
    rig.client.close();
    expect(await errorOf(loaded)).toMatchObject({ code: "closed" });
  });
});
