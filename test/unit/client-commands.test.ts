// Holds the commands of the client: sending, renaming, typing, loading history, and how their promises end.
import { describe, expect, test } from "vitest";
import { ChatError, type Gap } from "../../src/client/index.ts";
import { ClientBench } from "../helpers/client-bench.ts";
import { messageLine, messageLines, welcomeLine } from "../helpers/server-lines.ts";

/** Lines after `hello` on the newest socket. */
function said({ socket }: ClientBench): unknown[] {
  return socket.lines.slice(1);
}

/** The error that a promise rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<ChatError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ChatError) return error;
  throw new Error(`no ChatError, but ${error}`);
}

describe("sending", () => {
  test("goes out at once, and is settled by ok; the message gets the command's id", async () => {
    const bench = new ClientBench().join();
    const sent = bench.client.send("hello", { reply: 7 });
    expect(said(bench)).toEqual([{ type: "send", id: "id-1", text: "hello", reply: 7 }]);
    expect(bench.client.state.outbox).toMatchObject([{ id: "id-1", kind: "send", status: "sent" }]);
    bench.socket.receive({ type: "ok", id: "id-1", seq: 2 }, messageLine(1), messageLine(2, { user: "me" }));
    await expect(sent).resolves.toEqual({ id: "id-1", seq: 2 });
    expect(bench.client.state.outbox).toEqual([]);
    expect(bench.client.state.timeline.items.map((item) => "id" in item && item.id)).toEqual([false, "id-1"]);
  });

  test("shows the command until its message is there, though ok came in an earlier frame", () => {
    const bench = new ClientBench().join();
    void bench.client.send("hello");
    bench.socket.receive({ type: "ok", id: "id-1", seq: 1 });
    expect(bench.client.state.outbox).toMatchObject([{ id: "id-1", status: "sent" }]);
    bench.socket.receive(messageLine(1, { user: "me" }));
    expect(bench.client.state).toMatchObject({ outbox: [], timeline: { items: [{ seq: 1, id: "id-1" }] } });
  });

  test("is settled by an ok that comes after its message", async () => {
    const bench = new ClientBench().join();
    const sent = bench.client.send("hello");
    bench.socket.receive(messageLine(1, { user: "me" }));
    bench.socket.receive({ type: "ok", id: "id-1", seq: 1 });
    await expect(sent).resolves.toEqual({ id: "id-1", seq: 1 });
    expect(bench.client.state).toMatchObject({ outbox: [], timeline: { items: [{ seq: 1, id: "id-1" }] } });
  });

  test("before there is a connection waits for one", () => {
    const bench = new ClientBench();
    void bench.client.send("first");
    void bench.client.edit(1, "second");
    void bench.client.delete(1);
    void bench.client.react(1, "👍", true);
    expect(bench.client.state.outbox.map(({ status }) => status)).toEqual(Array(4).fill("queued"));
    bench.join();
    expect(bench.socket.sent).toHaveLength(2);
    expect(said(bench)).toEqual([
      { type: "send", id: "id-1", text: "first" },
      { type: "edit", id: "id-2", target: 1, text: "second" },
      { type: "delete", id: "id-3", target: 1 },
      { type: "react", id: "id-4", target: 1, emoji: "👍", on: true },
    ]);
  });

  test("after a lost connection sends only what the welcome does not show", async () => {
    const bench = new ClientBench().join();
    const first = bench.client.send("first");
    bench.socket.receive({ type: "ok", id: "id-1", seq: 1 }, messageLine(1, { user: "me" }));
    await first;
    const second = bench.client.send("second");
    void bench.client.send("third");
    bench.socket.drop();
    bench.client.reconnectNow();
    bench.welcome({ resumed: true, seq: 2, events: [messageLine(2, { user: "me", id: "id-2" })] });
    await expect(second).resolves.toEqual({ id: "id-2", seq: 2 });
    expect(said(bench)).toEqual([{ type: "send", id: "id-3", text: "third" }]);
  });

  describe("with an answer that was lost for longer than the room remembers ids", () => {
    const mine = { user: "me" };

    /** A client that sent something, saw its message without an answer, and is back 10 minutes later. */
    function away(): { bench: ClientBench; sent: Promise<unknown>; told: number[] } {
      const bench = new ClientBench().join({ seq: 5, events: messageLines(4, 5), more: true });
      const told: number[] = [];
      bench.client.on("event", ({ seq }) => told.push(seq));
      const sent = bench.client.send("hello");
      bench.socket.receive(messageLine(6), messageLine(7, mine));
      bench.socket.drop();
      bench.clock.advance(600_000);
      bench.client.reconnectNow();
      bench.socket.open();
      return { bench, sent, told };
    }

    test("resumes from where it was sent, finds it, and tells no event twice", async () => {
      const { bench, sent, told } = away();
      expect(bench.socket.lines).toMatchObject([{ type: "hello", resume: { seq: 5 } }]);
      const events = [messageLine(6), messageLine(7, { ...mine, id: "id-1" }), messageLine(8)];
      bench.socket.receive(welcomeLine({ resumed: true, seq: 8, events }));
      await expect(sent).resolves.toEqual({ id: "id-1", seq: 7 });
      expect(told).toEqual([6, 7, 8]);
      expect(bench.client.state.timeline.items.map((item) => "id" in item && item.id)).toEqual([
        ...[false, false, false],
        ...["id-1", false],
      ]);
      expect(said(bench)).toEqual([]);
    });

    test("sends again what all messages since do not show", () => {
      const { bench } = away();
      bench.socket.receive(welcomeLine({ seq: 9, events: messageLines(6, 9), more: true }));
      expect(said(bench)).toContainEqual({ type: "send", id: "id-1", text: "hello" });
    });

    test("fails, and sends nothing twice, where the messages told begin later", async () => {
      const { bench, sent } = away();
      bench.socket.receive(welcomeLine({ seq: 9, events: messageLines(8, 9), more: true }));
      expect(await errorOf(sent)).toMatchObject({ code: "internal" });
      expect(bench.client.state.outbox).toMatchObject([{ id: "id-1", status: "failed" }]);
      expect(said(bench)).not.toContainEqual({ type: "send", id: "id-1", text: "hello" });
    });
  });

  test("of a text over the limit rejects at once and goes nowhere", async () => {
    const bench = new ClientBench().join({ limits: { text: 10, name: 32, frame: 200 } });
    expect(await errorOf(bench.client.send("é".repeat(6)))).toMatchObject({ code: "too_long" });
    expect(await errorOf(bench.client.edit(1, "12345678901"))).toMatchObject({ code: "too_long" });
    expect(await errorOf(bench.client.react(1, "x".repeat(200), true))).toMatchObject({ code: "too_long" });
    expect(said(bench)).toEqual([]);
    expect(bench.client.state.outbox).toEqual([]);
    void bench.client.send("é".repeat(5));
    expect(said(bench)).toHaveLength(1);
  });

  test("that is refused rejects with the room's reason and stays as failed", async () => {
    const bench = new ClientBench().join();
    const sent = bench.client.send("hello", { reply: 99 });
    bench.socket.receive({ type: "error", id: "id-1", code: "not_found", message: "no such message" });
    const error = await errorOf(sent);
    expect(error).toMatchObject({ name: "ChatError", code: "not_found", message: "no such message" });
    expect(bench.client.state.outbox).toMatchObject([
      { id: "id-1", status: "failed", error: { code: "not_found" } },
    ]);
    bench.client.retry("id-1");
    expect(said(bench).slice(1)).toEqual([{ type: "send", id: "id-2", text: "hello", reply: 99 }]);
  });

  test("that is refused for its rate goes out again by itself", async () => {
    const bench = new ClientBench().join();
    const sent = bench.client.send("hello");
    bench.socket.receive({
      type: "error",
      id: "id-1",
      code: "rate_limited",
      message: "too fast",
      retryAfter: 300,
    });
    expect(bench.client.state.outbox).toMatchObject([{ status: "queued", retryAt: bench.clock.now() + 300 }]);
    bench.clock.advance(299);
    expect(said(bench)).toHaveLength(1);
    bench.clock.advance(1);
    expect(said(bench)).toHaveLength(2);
    bench.socket.receive({ type: "ok", id: "id-1", seq: 1 });
    await expect(sent).resolves.toEqual({ id: "id-1", seq: 1 });
  });

  test("discarded before it left rejects as such", async () => {
    const bench = new ClientBench();
    const sent = bench.client.send("hello");
    bench.client.discard("id-1");
    expect(await errorOf(sent)).toMatchObject({ code: "discarded" });
    expect(bench.client.state.outbox).toEqual([]);
    bench.join();
    bench.client.discard("id-1");
    expect(said(bench)).toEqual([]);
  });

  test.each([
    ["the client is closed", (bench: ClientBench) => bench.client.close()],
    ["the room closed it for good", (bench: ClientBench) => bench.socket.drop(4502)],
  ])("rejects as closed when %s; the command is kept", async (_, close) => {
    const bench = new ClientBench().join();
    const sent = bench.client.send("hello");
    close(bench);
    expect(await errorOf(sent)).toMatchObject({ code: "closed" });
    expect(bench.client.state.outbox).toMatchObject([{ id: "id-1", status: "queued" }]);
    bench.join();
    expect(said(bench)).toEqual([{ type: "send", id: "id-1", text: "hello" }]);
  });
});

/** A storage in memory. */
class Storage {
  text: string | null = null;
  load = () => this.text;
  save = (text: string) => {
    this.text = text;
  };
}

describe("a stored outbox", () => {
  test("goes out after a reload, under the ids that it had", () => {
    const storage = new Storage();
    void new ClientBench({ storage }).join().client.send("hello");
    const after = new ClientBench({ storage });
    expect(after.client.state.outbox).toMatchObject([{ id: "id-1", status: "queued" }]);
    after.join();
    expect(said(after)).toEqual([{ type: "send", id: "id-1", text: "hello" }]);
  });

  test("is kept as sent before it leaves, since the page may end at any time", () => {
    const storage = new Storage();
    const bench = new ClientBench({ storage }).join();
    let textAtSending: string | null = null;
    bench.socket.onsend = () => {
      textAtSending = storage.text;
    };
    void bench.client.send("hello");
    expect(JSON.parse(textAtSending ?? "")).toMatchObject({ entries: [{ sent: { after: 0 } }] });
  });

  test("goes out under the throw-away identity under which it may have been sent before", () => {
    const storage = new Storage();
    const before = new ClientBench({ storage }, "no key").join();
    void before.client.send("hello");
    const after = new ClientBench({ storage }, "no key").join();
    expect(after.socket.sent[0]).toBe(before.socket.sent[0]);
    after.socket.receive({ type: "ok", id: "id-1", seq: 1 }, messageLine(1));
    const later = new ClientBench({ storage }, "no key").join();
    expect(later.socket.sent[0]).not.toBe(before.socket.sent[0]);
  });
});

describe("renaming", () => {
  test("is settled by ok, shown at once, and remembered for the next hello", async () => {
    const bench = new ClientBench({ name: "Ada" }).join();
    const renamed = bench.client.rename("  Ada \u202e L. ");
    expect(said(bench)).toEqual([{ type: "rename", id: "id-1", name: "Ada L." }]);
    bench.socket.receive({ type: "ok", id: "id-1" });
    await renamed;
    expect(bench.client.state.you).toEqual({ user: "me", name: "Ada L." });
    bench.socket.drop();
    bench.client.reconnectNow();
    bench.socket.open();
    expect(bench.socket.lines).toMatchObject([{ type: "hello", name: "Ada L." }]);
  });

  test("to no name makes one a guest", async () => {
    const bench = new ClientBench().join({ you: { user: "abcdefghij", name: "Me" } });
    const renamed = bench.client.rename("");
    bench.socket.receive({ type: "ok", id: "id-1" });
    await renamed;
    expect(bench.client.state.you?.name).toBe("guest-abcd");
  });

  test("without a connection goes out with the next hello, whose welcome settles it", async () => {
    const bench = new ClientBench({ name: "Ada" });
    const first = bench.client.rename("Bea");
    const second = bench.client.rename("Cleo");
    bench.join({ you: { user: "me", name: "Cleo" } });
    await Promise.all([first, second]);
    expect(bench.socket.lines).toMatchObject([{ type: "hello", name: "Cleo" }]);
  });

  test("between hello and welcome goes out after the welcome", () => {
    const bench = new ClientBench({ name: "Ada" });
    bench.client.connect();
    bench.socket.open();
    void bench.client.rename("Bea");
    bench.socket.receive(welcomeLine());
    expect(bench.socket.lines).toMatchObject([
      { type: "hello", name: "Ada" },
      { type: "rename", name: "Bea" },
    ]);
  });

  test("that is refused rejects, and the old name stays", async () => {
    const bench = new ClientBench({ name: "Ada" }).join();
    const renamed = bench.client.rename("Bea");
    bench.socket.receive({ type: "error", id: "id-1", code: "forbidden", message: "no" });
    expect(await errorOf(renamed)).toMatchObject({ code: "forbidden" });
    bench.socket.drop();
    bench.client.reconnectNow();
    bench.socket.open();
    expect(bench.socket.lines).toMatchObject([{ type: "hello", name: "Ada" }]);
  });

  test("that is refused for its rate goes out again by itself", async () => {
    const bench = new ClientBench().join();
    const renamed = bench.client.rename("Bea");
    bench.socket.receive({
      type: "error",
      id: "id-1",
      code: "rate_limited",
      message: "too fast",
      retryAfter: 300,
    });
    bench.clock.advance(300);
    expect(said(bench).slice(1)).toEqual([{ type: "rename", id: "id-2", name: "Bea" }]);
    bench.socket.receive({ type: "ok", id: "id-2" });
    await renamed;
  });

  test("rejects as closed when the client is closed, and the name is kept", async () => {
    const bench = new ClientBench().join();
    const renamed = bench.client.rename("Bea");
    bench.client.close();
    expect(await errorOf(renamed)).toMatchObject({ code: "closed" });
    bench.join();
    expect(bench.socket.lines).toMatchObject([{ type: "hello", name: "Bea" }]);
  });

  test("of oneself elsewhere is seen in presence", () => {
    const bench = new ClientBench().join();
    bench.socket.receive({ type: "presence", online: 1, join: [{ user: "me", name: "Bea" }] });
    expect(bench.client.state).toMatchObject({
      you: { name: "Bea" },
      members: [{ user: "me", name: "Bea" }],
    });
  });
});

describe("typing", () => {
  test("is said once in 3 s, and its end at once", () => {
    const bench = new ClientBench().join();
    bench.client.typing(true);
    bench.client.typing(true);
    bench.clock.advance(2_999);
    bench.client.typing(true);
    expect(said(bench)).toEqual([{ type: "typing", on: true }]);
    bench.clock.advance(1);
    bench.client.typing(true);
    bench.client.typing(false);
    bench.client.typing(false);
    bench.client.typing(true);
    expect(said(bench).slice(1)).toEqual([
      { type: "typing", on: true },
      { type: "typing", on: false },
      { type: "typing", on: true },
    ]);
  });

  test("is not said without a connection, and not held back after one was lost", () => {
    const bench = new ClientBench();
    bench.client.typing(true);
    bench.join();
    bench.client.typing(true);
    bench.socket.drop();
    bench.client.reconnectNow();
    bench.welcome();
    bench.client.typing(true);
    expect(said(bench)).toEqual([{ type: "typing", on: true }]);
  });
});

describe("history", () => {
  const page = (id: string, first: number, last: number) => {
    return { type: "history", id, events: messageLines(first, last), more: first > 1 };
  };

  test("loads the page before the first message, once at a time, until there is no more", async () => {
    const bench = new ClientBench({ history: 2 }).join({ seq: 9, events: messageLines(8, 9), more: true });
    const first = bench.client.loadEarlier();
    const second = bench.client.loadEarlier();
    expect(said(bench)).toEqual([{ type: "history", id: "id-1", before: 8, limit: 2 }]);
    bench.socket.receive(page("id-1", 6, 7));
    await Promise.all([first, second]);
    const rest = bench.client.loadEarlier(1_000);
    expect(said(bench).slice(1)).toEqual([{ type: "history", id: "id-2", before: 6, limit: 100 }]);
    bench.socket.receive(page("id-2", 1, 5));
    await rest;
    expect(bench.client.state.timeline).toMatchObject({ more: false, head: 9 });
    expect(bench.client.state.timeline.items).toHaveLength(9);
    await bench.client.loadEarlier();
    expect(said(bench)).toHaveLength(2);
  });

  test("fills a gap, and knows it again after it has shrunk", async () => {
    const bench = new ClientBench().join({ seq: 2, events: messageLines(1, 2) });
    bench.socket.drop();
    bench.client.reconnectNow();
    bench.welcome({ seq: 9, events: [messageLine(9)], more: true });
    bench.socket.receive(page("id-1", 1, 2)); // the second look at what is known
    const gap: Gap = { type: "gap", after: 2, before: 9 };
    expect(bench.client.state.timeline.items[2]).toEqual(gap);
    const some = bench.client.fillGap(gap, 3);
    expect(said(bench).at(-1)).toEqual({ type: "history", id: "id-2", before: 9, limit: 3 });
    bench.socket.receive(page("id-2", 6, 8));
    await some;
    const rest = bench.client.fillGap(gap);
    expect(said(bench).at(-1)).toEqual({ type: "history", id: "id-3", before: 6, limit: 50 });
    bench.socket.receive(page("id-3", 1, 5));
    await rest;
    expect(bench.client.state.timeline.items.map((item) => "seq" in item && item.seq)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    await bench.client.fillGap(gap);
    expect(said(bench)).toHaveLength(3);
  });

  test("is asked for again after a lost connection, from where it is then missing", async () => {
    const bench = new ClientBench().join({ seq: 9, events: messageLines(8, 9), more: true });
    const loaded = bench.client.loadEarlier(4);
    bench.socket.drop();
    bench.client.reconnectNow();
    bench.welcome({ resumed: true, seq: 9, events: [] });
    expect(said(bench)).toEqual([{ type: "history", id: "id-2", before: 8, limit: 4 }]);
    bench.socket.receive(page("id-1", 1, 7)); // an answer that nobody waits for any more
    expect(bench.client.state.timeline.items).toHaveLength(2);
    bench.socket.receive(page("id-2", 4, 7));
    await loaded;
    expect(bench.client.state.timeline.items).toHaveLength(6);
  });

  test("that is refused rejects, but waits where it was asked for too often", async () => {
    const bench = new ClientBench().join({ seq: 9, events: messageLines(8, 9), more: true });
    const loaded = bench.client.loadEarlier();
    bench.socket.receive({
      type: "error",
      id: "id-1",
      code: "rate_limited",
      message: "too fast",
      retryAfter: 100,
    });
    bench.clock.advance(100);
    expect(said(bench).slice(1)).toMatchObject([{ type: "history", id: "id-2" }]);
    bench.socket.receive({ type: "error", id: "id-2", code: "internal", message: "it failed" });
    expect(await errorOf(loaded)).toMatchObject({ code: "internal" });
  });

  test("rejects as closed when the client is closed", async () => {
    const bench = new ClientBench().join({ seq: 9, events: messageLines(8, 9), more: true });
    const loaded = bench.client.loadEarlier();
    bench.client.close();
    expect(await errorOf(loaded)).toMatchObject({ code: "closed" });
  });
});
