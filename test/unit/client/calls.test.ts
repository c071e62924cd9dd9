// The promises of the client's calls: ignored, aborted, flushed; and connect.
import { describe, expect, test, vi } from "vitest";
import type { ChatClientOptions, FailedCommand } from "../../../src/client/index.ts";
import { ClientRig } from "../../helpers/client-rig.ts";
import { messageLine, messageLines } from "../../helpers/server-lines.ts";

const forbidden = (id: string) => ({ type: "error", id, code: "forbidden", message: "not yours" });

/** Runs `work` and returns the rejections that nothing handled. */
async function unhandledRejections(work: () => void): Promise<unknown[]> {
  const rejections: unknown[] = [];
  const listener = (reason: unknown) => rejections.push(reason);
  process.on("unhandledRejection", listener);
  try {
    work();
    // Node reports a rejection after the microtasks of the turn.
    await new Promise((done) => setImmediate(done));
    await new Promise((done) => setImmediate(done));
    return rejections;
  } finally {
    process.off("unhandledRejection", listener);
  }
}

describe("a promise that the program ignores", () => {
  test("causes no unhandled rejection, whatever fails", async () => {
    const rig = new ClientRig().join({ seq: 9, events: messageLines(8, 9), more: true });
    const rejections = await unhandledRejections(() => {
      rig.client.send("x".repeat(9_000));
      rig.client.send("hello");
      rig.client.rename("Ada");
      rig.client.loadEarlier();
      rig.client.flush();
      rig.socket.receive(forbidden("id-2"));
      rig.client.send("hello");
      rig.client.close();
      rig.client.connect();
      rig.client.close();
    });
    expect(rejections).toEqual([]);
  });

  test("is an event and an entry of the outbox", () => {
    const rig = new ClientRig().join();
    const failures: FailedCommand[] = [];
    rig.client.on("commandFailed", (failure) => failures.push(failure));
    rig.client.edit(1, "mine");
    rig.socket.receive(forbidden("id-1"));
    rig.client.send("x".repeat(9_000));
    expect(failures).toMatchObject([
      { command: { type: "edit", id: "id-1" }, error: { code: "forbidden", id: "id-1" } },
      { command: { type: "send", id: "id-2" }, error: { code: "too_long", id: "id-2" } },
    ]);
    expect(rig.client.state.outbox).toMatchObject([{ id: "id-1", status: "failed" }]);
  });

  test("leaves nothing behind with `keepFailed: false`", () => {
    const rig = new ClientRig({ keepFailed: false }).join();
    rig.client.send("hello");
    rig.socket.receive(forbidden("id-1"));
    expect(rig.client.state.outbox).toEqual([]);
  });
});

describe("connect", () => {
  test("resolves with the welcome, and at once while online", async () => {
    const rig = new ClientRig();
    const connected = vi.fn();
    const first = rig.client.connect().then(connected);
    rig.socket.open();
    await Promise.resolve();
    expect(connected).not.toHaveBeenCalled();
    rig.welcome();
    await first;
    await rig.client.connect();
    expect(rig.sockets).toBe(1);
  });

  test("keeps trying after a failure", async () => {
    const rig = new ClientRig();
    const connected = rig.client.connect();
    rig.socket.drop();
    rig.client.reconnectNow();
    rig.welcome();
    await connected;
  });

  test.each<[string, (rig: ClientRig) => void]>([
    ["the client closes", ({ client }) => client.close()],
    ["the room closes for good", ({ socket }) => socket.drop(4502)],
  ])("rejects when %s", async (_, close) => {
    const rig = new ClientRig();
    const connected = rig.client.connect();
    close(rig);
    await expect(connected).rejects.toMatchObject({ code: "closed" });
  });

  test("closes the client when it is aborted", async () => {
    const rig = new ClientRig();
    const controller = new AbortController();
    const connected = rig.client.connect({ signal: controller.signal });
    controller.abort(new Error("no longer needed"));
    await expect(connected).rejects.toThrow("no longer needed");
    expect(rig.client.state.connection).toBe("closed");
    expect(rig.clock.nextAt).toBeNull();
  });

  test("does not start with an aborted signal", async () => {
    const rig = new ClientRig();
    await expect(rig.client.connect({ signal: AbortSignal.abort() })).rejects.toThrow();
    expect(rig.sockets).toBe(0);
  });
});

describe("an aborted command", () => {
  test("is discarded if it was not sent", async () => {
    const rig = new ClientRig();
    const controller = new AbortController();
    const sent = rig.client.send("hello", { signal: controller.signal });
    controller.abort(new Error("too late"));
    await expect(sent).rejects.toThrow("too late");
    expect(rig.client.state.outbox).toEqual([]);
  });

  test("stays in the outbox if it was sent: the room may store it", async () => {
    const rig = new ClientRig().join();
    const controller = new AbortController();
    const sent = rig.client.send("hello", { signal: controller.signal });
    controller.abort(new Error("too late"));
    await expect(sent).rejects.toThrow("too late");
    expect(rig.client.state.outbox).toMatchObject([{ status: "sent" }]);
    rig.socket.receive({ type: "ok", id: "id-1", seq: 1 }, messageLine(1));
    expect(rig.client.state.outbox).toEqual([]);
  });

  test("changes nothing after it was settled", async () => {
    const rig = new ClientRig().join();
    const controller = new AbortController();
    const sent = rig.client.send("hello", { signal: controller.signal });
    rig.socket.receive({ type: "ok", id: "id-1", seq: 1 }, messageLine(1));
    await expect(sent).resolves.toEqual({ id: "id-1", seq: 1 });
    controller.abort();
    await expect(sent).resolves.toEqual({ id: "id-1", seq: 1 });
  });
});

describe("flush", () => {
  test("resolves at once if the outbox is empty", async () => {
    await new ClientRig().client.flush();
  });

  test("resolves once every command is stored or failed", async () => {
    const rig = new ClientRig();
    const flushed = vi.fn();
    rig.client.send("first");
    rig.client.send("second");
    const promise = rig.client.flush().then(flushed);
    rig.join();
    rig.socket.receive({ type: "ok", id: "id-1", seq: 1 });
    await Promise.resolve();
    expect(flushed).not.toHaveBeenCalled();
    rig.socket.receive(forbidden("id-2"));
    await promise;
  });

  test("rejects when the client closes or the signal is aborted", async () => {
    const rig = new ClientRig().join();
    rig.client.send("hello");
    const controller = new AbortController();
    const aborted = rig.client.flush({ signal: controller.signal });
    const closed = rig.client.flush();
    controller.abort(new Error("no time"));
    await expect(aborted).rejects.toThrow("no time");
    rig.client.close();
    await expect(closed).rejects.toMatchObject({ code: "closed" });
  });
});

test("pages are returned as well as shown", async () => {
  const rig = new ClientRig().join({ seq: 9, events: messageLines(8, 9), more: true });
  const loaded = rig.client.loadEarlier({ limit: 2 });
  rig.socket.receive({ type: "history", id: "id-1", events: messageLines(6, 7), more: true });
  expect((await loaded).map(({ seq }) => seq)).toEqual([6, 7]);
});

test("pages can be aborted", async () => {
  const rig = new ClientRig().join({ seq: 9, events: messageLines(8, 9), more: true });
  const controller = new AbortController();
  const loaded = rig.client.loadEarlier({ signal: controller.signal });
  controller.abort(new Error("not needed"));
  await expect(loaded).rejects.toThrow("not needed");
});

describe("the position", () => {
  test("of an earlier client is resumed from, and missed events are emitted", () => {
    const before = new ClientRig().join({ seq: 2, events: messageLines(1, 2) });
    const { position } = before.client;
    expect(position).toEqual({ epoch: "epoch-1", seq: 2 });
    const options: Partial<ChatClientOptions> = position === null ? {} : { resume: position };
    const rig = new ClientRig(options);
    const seqs: number[] = [];
    rig.client.on("event", ({ seq }) => seqs.push(seq));
    rig.client.connect();
    rig.socket.open();
    expect(rig.socket.lines).toMatchObject([{ type: "hello", resume: { epoch: "epoch-1", seq: 2 } }]);
    rig.welcome({ resumed: true, seq: 4, events: messageLines(3, 4), more: true });
    expect(seqs).toEqual([3, 4]);
    expect(rig.client.state.timeline).toMatchObject({ start: 3, more: true });
  });

  test("is unknown before the first welcome", () => {
    expect(new ClientRig().client.position).toBeNull();
  });
});

describe("a gap event", () => {
  const resume = { epoch: "epoch-1", seq: 2 };

  test.each([
    ["a resume that is not granted", { seq: 9 }, { epoch: "epoch-1", after: 2, before: 10 }],
    ["another log", { epoch: "epoch-2", seq: 9 }, { epoch: "epoch-2", after: 0, before: 10 }],
  ])("names the events that are not emitted: %s", (_, welcome, gap) => {
    const rig = new ClientRig({ resume });
    const gaps = vi.fn();
    rig.client.on("gap", gaps);
    rig.join(welcome);
    expect(gaps).toHaveBeenCalledExactlyOnceWith({ type: "gap", ...gap });
  });

  test.each([
    ["the first welcome", {}, { seq: 9 }],
    ["a resume", { resume }, { seq: 3, resumed: true, events: messageLines(3, 3) }],
    ["a resume of nothing", { resume }, { seq: 2 }],
    ["a new log without events", { resume: { epoch: "epoch-0", seq: 0 } }, { seq: 0 }],
  ])("is not emitted for %s", (_, options, welcome) => {
    const rig = new ClientRig(options);
    const gaps = vi.fn();
    rig.client.on("gap", gaps);
    rig.join(welcome);
    expect(gaps).not.toHaveBeenCalled();
  });
});

describe("listeners", () => {
  test("of an unknown event are a TypeError that names the events", () => {
    const { client } = new ClientRig();
    const type: string = "messages";
    // @ts-expect-error plain JavaScript has no such check
    expect(() => client.on(type, () => {})).toThrow(
      'there is no event "messages"; the events are state, event',
    );
    // @ts-expect-error nor for this one
    expect(() => client.once("toString", () => {})).toThrow(TypeError);
  });

  test("added with `once` receive one event", () => {
    const rig = new ClientRig().join();
    const listener = vi.fn();
    rig.client.once("event", listener);
    rig.socket.receive(messageLine(1), messageLine(2));
    expect(listener).toHaveBeenCalledOnce();
  });

  test("receive people who join, leave and change their name", () => {
    const rig = new ClientRig().join();
    const received: unknown[] = [];
    rig.client.on("join", ({ name }) => received.push(["join", name]));
    rig.client.on("leave", ({ name }) => received.push(["leave", name]));
    rig.client.on("rename", ({ name, before }) => received.push(["rename", before, name]));
    rig.socket.receive({ type: "presence", online: 2, join: [{ user: "ada", name: "Ada" }] });
    rig.socket.receive({ type: "presence", online: 2, join: [{ user: "ada", name: "Ada L." }] });
    rig.socket.receive({ type: "presence", online: 2, join: [{ user: "ada", name: "Ada L." }] });
    rig.socket.receive({ type: "presence", online: 1, leave: ["ada", "unknown"] });
    expect(received).toEqual([
      ["join", "Ada"],
      ["rename", "Ada", "Ada L."],
      ["leave", "Ada L."],
    ]);
  });
});
