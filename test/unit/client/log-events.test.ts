// `events`: each event after a position once and in order, from HTTP and from the socket.
import { describe, expect, test } from "vitest";
import type { FetchLike, LogGap } from "../../../src/client/index.ts";
import { type RoomEvent, UNOWNED } from "../../../src/protocol/index.ts";
import { ClientRig } from "../../helpers/client-rig.ts";
import { messageLine, messageLines } from "../../helpers/server-lines.ts";

/** FakeHttp serves a log as the HTTP API does. */
class FakeHttp {
  epoch = "epoch-1";
  events: object[] = [];
  /** Seq of the newest event that is pruned. */
  prunedTo = 0;
  /** Answers before the real ones: a status, or `"down"`. */
  faults: (number | "down")[] = [];
  readonly requests: string[] = [];

  readonly fetch: FetchLike = async (url) => {
    const { pathname, searchParams } = new URL(url);
    this.requests.push(`${pathname} ${searchParams}`);
    const fault = this.faults.shift();
    if (fault === "down") throw new TypeError("fetch failed");
    if (fault !== undefined) return new Response("", { status: fault, headers: { "Retry-After": "1" } });
    const after = searchParams.get("after");
    const limit = Number(searchParams.get("limit"));
    const seq = this.events.length;
    if (after === null) {
      const events = this.events.slice(Math.max(this.prunedTo, seq - limit));
      return Response.json({ epoch: this.epoch, seq, events, more: true });
    }
    if (searchParams.get("epoch") !== this.epoch) return new Response("", { status: 409 });
    if (Number(after) < this.prunedTo) return new Response("", { status: 410 });
    const events = this.events.slice(Number(after), Number(after) + limit);
    return Response.json({ epoch: this.epoch, seq, events, more: Number(after) + limit < seq });
  };
}

/** A client of a room whose log has that many messages. */
function rigOf(count: number): { rig: ClientRig; http: FakeHttp } {
  const http = new FakeHttp();
  http.events = messageLines(1, count);
  return { rig: new ClientRig({ fetch: http.fetch }), http };
}

/** Takes that many items, in short: the seq of an event, the bounds of a gap. */
async function take(
  iterator: AsyncGenerator<RoomEvent | LogGap>,
  count: number,
): Promise<(number | string | undefined)[]> {
  const items: (number | string | undefined)[] = [];
  while (items.length < count) {
    const { value } = await iterator.next();
    if (value === undefined) return [...items, undefined];
    items.push(value.type === "gap" ? `${value.epoch} ${value.after}..${value.before}` : value.seq);
  }
  return items;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

test("yields everything from a position, and then live events", async () => {
  const { rig, http } = rigOf(250);
  rig.join({ seq: 250, events: messageLines(250, 250), more: true });
  const events = rig.client.events({ after: { seq: 0 } });
  expect(await take(events, 250)).toEqual(range(1, 250));
  expect(http.requests).toEqual(
    [0, 100, 200].map((after) => `/api/rooms/demo/messages after=${after}&epoch=epoch-1&limit=100`),
  );
  rig.socket.receive(messageLine(251), messageLine(252));
  expect(await take(events, 2)).toEqual([251, 252]);
  expect(http.requests).toHaveLength(3);
});

test("starts at the client's position, also before it has connected", async () => {
  const { rig, http } = rigOf(3);
  const events = rig.client.events();
  const taken = take(events, 1);
  rig.join({ seq: 3, events: messageLines(1, 3) });
  await Promise.resolve();
  // The iterator subscribes once its module has loaded.
  while (!(await settled(taken))) {
    rig.socket.receive(messageLine(rig.client.state.timeline.head + 1));
    http.events = messageLines(1, rig.client.state.timeline.head);
  }
  expect((await taken)[0]).toBeGreaterThanOrEqual(4);
});

test("waits for the first welcome", async () => {
  const { rig } = rigOf(2);
  const events = take(rig.client.events({ after: { epoch: "epoch-1", seq: 1 } }), 1);
  expect(await settled(events)).toBe(false);
  rig.join({ seq: 2, events: messageLines(1, 2) });
  expect(await events).toEqual([2]);
});

test("shows who reads once the welcome tells that the room has an owner", async () => {
  const { http } = rigOf(3);
  const proof = "p".repeat(43);
  const sent: unknown[] = [];
  const fetch: FetchLike = (url, init) => {
    sent.push(init);
    return http.fetch(url);
  };
  for (const owned of [true, false]) {
    const state = { ...UNOWNED, owned };
    const reader = new ClientRig({ fetch, password: proof, resume: { epoch: "epoch-1", seq: 1 } });
    const events = take(reader.client.events({ after: { epoch: "epoch-1", seq: 0 } }), 1);
    expect(await settled(events)).toBe(false);
    reader.join({ seq: 3, resumed: true, events: messageLines(2, 3), ...(owned && { state }) });
    expect(await events).toEqual([1]);
  }
  expect(sent).toEqual([
    { headers: { Authorization: "Bearer a-key-of-at-least-22-characters", "X-Room-Password": proof } },
    { headers: {} },
  ]);
});

test("continues over a reconnect that could not resume", async () => {
  const { rig, http } = rigOf(2);
  rig.join({ seq: 2, events: messageLines(1, 2) });
  const events = rig.client.events({ after: { seq: 1 } });
  expect(await take(events, 1)).toEqual([2]);
  rig.socket.drop();
  http.events = messageLines(1, 2_000);
  rig.client.reconnectNow();
  rig.welcome({ seq: 2_000, events: messageLines(1_990, 2_000), more: true });
  rig.socket.receive(messageLine(2_001));
  expect(await take(events, 1_999)).toEqual(range(3, 2_001));
});

test("loses nothing if the consumer is slower than the room", async () => {
  const { rig, http } = rigOf(1);
  rig.join({ seq: 1, events: [messageLine(1)] });
  const events = rig.client.events({ after: { seq: 0 } });
  expect(await take(events, 1)).toEqual([1]);
  for (let seq = 2; seq <= 3_000; seq += 1) rig.socket.receive(messageLine(seq));
  http.events = messageLines(1, 3_000);
  expect(await take(events, 2_999)).toEqual(range(2, 3_000));
});

test("yields a gap for pruned events, and then the newest messages", async () => {
  const { rig, http } = rigOf(300);
  http.prunedTo = 150;
  rig.join({ seq: 300, events: [], more: true });
  const events = rig.client.events({ after: { seq: 10 } });
  expect(await take(events, 101)).toEqual(["epoch-1 10..201", ...range(201, 300)]);
});

test("yields a gap from the start for a new log", async () => {
  const { rig, http } = rigOf(2);
  http.epoch = "epoch-2";
  rig.join({ epoch: "epoch-2", seq: 2, events: messageLines(1, 2) });
  const events = rig.client.events({ after: { epoch: "epoch-1", seq: 7 } });
  expect(await take(events, 3)).toEqual(["epoch-2 0..1", 1, 2]);
});

test("waits in a room without events, whose epoch HTTP does not know", async () => {
  const { rig, http } = rigOf(0);
  http.epoch = "";
  rig.join({ epoch: "epoch-2", seq: 0 });
  const taken = take(rig.client.events({ after: { epoch: "epoch-1", seq: 0 } }), 1);
  expect(await settled(taken)).toBe(false);
  rig.socket.receive(messageLine(1));
  expect(await taken).toEqual([1]);
  expect(http.requests).toHaveLength(2);
});

test("asks again after a wait if HTTP is behind the socket", async () => {
  const { rig, http } = rigOf(0);
  rig.join({ seq: 2, events: messageLines(1, 2) });
  const taken = take(rig.client.events({ after: { seq: 0 } }), 2);
  while (http.requests.length === 0) expect(await settled(taken)).toBe(false);
  expect(await settled(taken)).toBe(false);
  expect(http.requests).toHaveLength(1);
  http.events = messageLines(1, 2);
  rig.clock.advance(2_000);
  expect(await taken).toEqual([1, 2]);
});

test("passes over events of an unknown kind", async () => {
  const { rig, http } = rigOf(1);
  http.events = [messageLine(1), { type: "poll", seq: 2 }, messageLine(3), { type: "poll", seq: 4 }];
  rig.join({ seq: 3, events: [messageLine(3)], more: true });
  const events = rig.client.events({ after: { seq: 0 } });
  expect(await take(events, 2)).toEqual([1, 3]);
  http.events = [...http.events.slice(0, 4), messageLine(5)];
  rig.socket.receive({ type: "poll", seq: 4 }, messageLine(5));
  expect(await take(events, 1)).toEqual([5]);
});

test("repeats a request that fails, after a wait", async () => {
  const { rig, http } = rigOf(2);
  http.faults = ["down", 503, 429];
  rig.join({ seq: 2, events: [], more: true });
  const taken = take(rig.client.events({ after: { seq: 0 } }), 2);
  while (!(await settled(taken))) rig.clock.advance(1_000);
  expect(await taken).toEqual([1, 2]);
  expect(http.requests).toHaveLength(4);
});

test("throws if the server rejects the request", async () => {
  const { rig, http } = rigOf(2);
  http.faults = [400];
  rig.join({ seq: 2, events: [], more: true });
  await expect(take(rig.client.events({ after: { seq: 0 } }), 1)).rejects.toThrow("answers 400");
});

describe("the end", () => {
  test("comes with close", async () => {
    const { rig } = rigOf(1);
    rig.join({ seq: 1, events: [messageLine(1)] });
    const events = rig.client.events({ after: { seq: 0 } });
    expect(await take(events, 1)).toEqual([1]);
    const rest = take(events, 1);
    rig.client.close();
    expect(await rest).toEqual([undefined]);
  });

  test("is an error if the room closes for good", async () => {
    const { rig } = rigOf(1);
    rig.join({ seq: 1, events: [messageLine(1)] });
    const events = rig.client.events({ after: { seq: 0 } });
    expect(await take(events, 1)).toEqual([1]);
    const rest = take(events, 1);
    rig.socket.drop(4502, "the room is full");
    await expect(rest).rejects.toMatchObject({ name: "ChatError", code: "closed" });
  });

  test("is the reason of an aborted signal", async () => {
    const { rig } = rigOf(1);
    const controller = new AbortController();
    rig.join({ seq: 1, events: [messageLine(1)] });
    const events = rig.client.events({ after: { seq: 0 }, signal: controller.signal });
    expect(await take(events, 1)).toEqual([1]);
    const rest = take(events, 1);
    controller.abort(new Error("enough"));
    await expect(rest).rejects.toThrow("enough");
  });
});

test.each([
  [
    "the URL has no room",
    { url: "wss://chat.example/elsewhere", fetch: new FakeHttp().fetch },
    "has no path /ws/:room",
  ],
  ["there is no fetch", { fetch: null }, "no fetch"],
])("throws if %s", async (_, options, message) => {
  const rig = new ClientRig(options);
  await expect(rig.client.events().next()).rejects.toThrow(message);
});

/** Whether a promise settles within the tasks that are queued now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  const later = new Promise((done) => setImmediate(() => setImmediate(done, pending)));
  return (await Promise.race([promise.catch(() => null), later])) !== pending;
}
