// Holds what the client makes of a room's lines: each event once and in order, holes, snapshots, listeners.
import { describe, expect, test, vi } from "vitest";
import type { ChatState } from "../../src/client/index.ts";
import type { RoomEvent } from "../../src/protocol/index.ts";
import { ClientBench } from "../helpers/client-bench.ts";
import { messageLine, messageLines } from "../helpers/server-lines.ts";

/** Seqs of the events that the client tells from now on. */
function seqsTold(bench: ClientBench): number[] {
  const seqs: number[] = [];
  bench.client.on("event", ({ seq }: RoomEvent) => seqs.push(seq));
  return seqs;
}

/** The client's items in short. */
function shape({ client }: ClientBench): (number | string)[] {
  return client.state.timeline.items.map((item) =>
    item.type === "gap" ? `${item.after}..${item.before}` : item.seq,
  );
}

/** Loses the connection, and opens another. */
function reopen(bench: ClientBench): void {
  bench.socket.drop();
  bench.client.reconnectNow();
}

describe("events", () => {
  test("are told once each and in order, though some come twice", () => {
    const bench = new ClientBench().join({ seq: 3, events: messageLines(2, 3), more: true });
    const seqs = seqsTold(bench);
    bench.socket.receive(messageLine(3), messageLine(4), messageLine(4), messageLine(5));
    bench.socket.receive(messageLine(5), messageLine(6));
    expect(seqs).toEqual([4, 5, 6]);
    expect(shape(bench)).toEqual([2, 3, 4, 5, 6]);
  });

  test("that leave a hole break the connection, and the next resumes before the hole", () => {
    const bench = new ClientBench().join({ seq: 3, events: messageLines(1, 3) });
    const seqs = seqsTold(bench);
    bench.socket.receive(messageLine(4), messageLine(6), messageLine(7));
    expect(bench.client.state).toMatchObject({ connection: "waiting", timeline: { head: 4 } });
    expect(bench.socket.closed).toEqual({ code: 4000, reason: "events are missing" });
    bench.client.reconnectNow();
    bench.socket.open();
    expect(bench.socket.lines).toMatchObject([{ type: "hello", resume: { seq: 4 } }]);
    bench.welcome({ resumed: true, seq: 7, events: messageLines(5, 7) });
    expect(seqs).toEqual([4, 5, 6, 7]);
  });

  test("before the welcome are not believed", () => {
    const bench = new ClientBench();
    bench.client.connect();
    bench.socket.open();
    bench.socket.receive(messageLine(1));
    expect(bench.client.state.timeline.items).toEqual([]);
  });

  test("lines that the client does not know are left unread", () => {
    const bench = new ClientBench().join();
    bench.socket.receive("not json", { type: "novelty" }, { type: "message", seq: "1" }, messageLine(1));
    expect(shape(bench)).toEqual([1]);
  });
});

describe("resuming", () => {
  test("applies exactly what was missed", () => {
    const bench = new ClientBench().join({ seq: 2, events: messageLines(1, 2) });
    const seqs = seqsTold(bench);
    reopen(bench);
    bench.welcome({ resumed: true, seq: 4, events: messageLines(3, 4) });
    expect(seqs).toEqual([3, 4]);
    expect(shape(bench)).toEqual([1, 2, 3, 4]);
  });

  test("that the room could not grant leaves a gap, and tells the difference from history", () => {
    const bench = new ClientBench().join({ seq: 2, events: messageLines(1, 2) });
    const seqs = seqsTold(bench);
    reopen(bench);
    bench.welcome({ resumed: false, seq: 9, events: messageLines(8, 9), more: true });
    expect(seqs).toEqual([]);
    expect(shape(bench)).toEqual([1, 2, "2..8", 8, 9]);
  });

  test("looks again at what is known, since changes may be among what was missed", () => {
    const bench = new ClientBench().join({ seq: 2, events: messageLines(1, 2) });
    reopen(bench);
    bench.welcome({ seq: 9, events: messageLines(8, 9), more: true });
    expect(bench.socket.lines.slice(1)).toMatchObject([{ type: "history", before: 3, limit: 100 }]);
    const deleted = messageLine(2, { text: "", deleted: true });
    bench.socket.receive({ type: "history", id: "id-1", events: [messageLine(1), deleted], more: false });
    expect(bench.client.state.timeline.items[1]).toMatchObject({ seq: 2, deleted: true });
    expect(bench.socket.sent).toHaveLength(2);
  });

  test("in another log replaces the timeline", () => {
    const bench = new ClientBench().join({ seq: 2, events: messageLines(1, 2) });
    reopen(bench);
    bench.welcome({ epoch: "epoch-2", seq: 1, events: [messageLine(1, { text: "new" })] });
    expect(bench.client.state).toMatchObject({
      epoch: "epoch-2",
      timeline: { head: 1, items: [{ text: "new" }] },
    });
  });

  test("in a log that has become shorter replaces the timeline", () => {
    const bench = new ClientBench().join({ seq: 3, events: messageLines(1, 3) });
    reopen(bench);
    bench.welcome({ seq: 2, events: messageLines(1, 2) });
    expect(shape(bench)).toEqual([1, 2]);
  });

  test("with a hole is not believed, and the next hello asks for none", () => {
    const bench = new ClientBench().join({ seq: 2, events: messageLines(1, 2) });
    reopen(bench);
    bench.welcome({ resumed: true, seq: 5, events: [messageLine(3), messageLine(5)] });
    expect(bench.client.state.connection).toBe("waiting");
    expect(shape(bench)).toEqual([1, 2]);
    bench.client.reconnectNow();
    bench.socket.open();
    expect(bench.socket.lines[0]).not.toHaveProperty("resume");
    bench.welcome({ seq: 5, events: messageLines(4, 5), more: true });
    expect(shape(bench)).toEqual([1, 2, "2..4", 4, 5]);
    reopen(bench);
    bench.socket.open();
    expect(bench.socket.lines[0]).toMatchObject({ resume: { epoch: "epoch-1", seq: 5 } });
  });
});

describe("the state", () => {
  test("says what the welcome said", () => {
    const ada = { user: "ada", name: "Ada" };
    const bench = new ClientBench().join({ members: [{ user: "me", name: "Me" }, ada], online: 2, seq: 0 });
    expect(bench.client.state).toMatchObject({
      connection: "online",
      you: { user: "me", name: "Me" },
      room: "demo",
      epoch: "epoch-1",
      online: 2,
      members: [ada, { user: "me", name: "Me" }],
      typing: [],
      outbox: [],
      limits: { text: 8_192, name: 32, frame: 32_768 },
      clockOffset: 0,
    });
  });

  test("knows how far the server's clock is off", () => {
    const bench = new ClientBench();
    bench.join({ now: bench.clock.now() + 86_400_000 });
    expect(bench.client.state.clockOffset).toBe(86_400_000);
  });

  test("is told at most once for a frame, and every snapshot stays as it was", () => {
    const bench = new ClientBench().join();
    const states: ChatState[] = [bench.client.state];
    bench.client.on("state", (state) => states.push(state));
    bench.socket.receive(messageLine(1), { type: "typing", users: ["ada"] }, messageLine(2), {
      type: "presence",
      online: 2,
      join: [{ user: "ada", name: "Ada" }],
    });
    bench.socket.receive(messageLine(3));
    expect(states.map(({ timeline }) => timeline.items.length)).toEqual([0, 2, 3]);
    expect(states[1]).toMatchObject({ online: 2, typing: ["ada"] });
    expect(states[2]).toBe(bench.client.state);
    expect(states[2]?.members).toBe(states[1]?.members);
  });

  test("stays the same object while nothing changes", () => {
    const bench = new ClientBench().join();
    const before = bench.client.state;
    bench.socket.receive({ type: "pong" }, { type: "novelty" });
    bench.client.typing(false);
    bench.client.retry("nothing");
    expect(bench.client.state).toBe(before);
  });

  test("forgets who types 6 s after it was last told, and with the connection", () => {
    const bench = new ClientBench().join();
    bench.socket.receive({ type: "typing", users: ["ada", "me"] });
    expect(bench.client.state.typing).toEqual(["ada"]);
    bench.clock.advance(5_999);
    expect(bench.client.state.typing).toEqual(["ada"]);
    bench.clock.advance(1);
    expect(bench.client.state.typing).toEqual([]);
    bench.socket.receive({ type: "typing", users: ["ada"] });
    bench.socket.drop();
    expect(bench.client.state.typing).toEqual([]);
  });
});

describe("listeners", () => {
  test("hear of the welcome, then of its events, then of the state that has them", () => {
    const bench = new ClientBench().join({ seq: 1, events: [messageLine(1)] });
    const told: string[] = [];
    bench.client.on("state", ({ timeline }) => told.push(`state ${timeline.head}`));
    bench.client.on("event", ({ seq }) => told.push(`event ${seq} of ${bench.client.state.timeline.head}`));
    bench.client.on("welcome", ({ seq }) => told.push(`welcome ${seq}`));
    reopen(bench);
    told.length = 0;
    bench.welcome({ resumed: true, seq: 3, events: messageLines(2, 3) });
    expect(told).toEqual(["welcome 3", "event 2 of 3", "event 3 of 3", "state 3"]);
  });

  test("hear nothing after they have unsubscribed", () => {
    const bench = new ClientBench().join();
    const listener = vi.fn();
    const off = bench.client.on("event", listener);
    bench.socket.receive(messageLine(1));
    off();
    off();
    bench.socket.receive(messageLine(2));
    expect(listener).toHaveBeenCalledOnce();
  });

  test("that throw disturb no other, and their error is reported as uncaught", () => {
    const reports: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (report: () => void) => reports.push(report));
    try {
      const bench = new ClientBench().join();
      bench.client.on("event", () => {
        throw new Error("a listener failed");
      });
      const seqs = seqsTold(bench);
      bench.socket.receive(messageLine(1), messageLine(2));
      expect(seqs).toEqual([1, 2]);
      expect(reports).toHaveLength(2);
      expect(reports[0]).toThrow("a listener failed");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("that call the client change nothing about the order in which all are told", () => {
    const bench = new ClientBench().join();
    const told: string[] = [];
    bench.client.on("event", () => void bench.client.send("hello to you too"));
    bench.client.on("event", ({ seq }) => told.push(`event ${seq}`));
    bench.client.on("state", ({ outbox }) => told.push(`state with ${outbox.length} to send`));
    bench.socket.receive(messageLine(1));
    expect(told).toEqual(["event 1", "state with 0 to send", "state with 1 to send"]);
  });

  test("hear of errors that belong to no command", () => {
    const bench = new ClientBench().join();
    const listener = vi.fn();
    bench.client.on("error", listener);
    const error = { type: "error", code: "bad_request", message: "the line is not JSON" };
    bench.socket.receive(error, { ...error, id: "unheard-of" });
    expect(listener.mock.calls).toEqual([[error], [{ ...error, id: "unheard-of" }]]);
  });
});
