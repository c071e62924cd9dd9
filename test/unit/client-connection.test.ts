// Holds the life of the connection: opening, heartbeat, back-off, waking, closing.
import { describe, expect, test, vi } from "vitest";
import { CloseCode, PING, PONG } from "../../src/protocol/index.ts";
import { ClientBench } from "../helpers/client-bench.ts";
import { messageLine, welcomeLine } from "../helpers/server-lines.ts";

describe("opening", () => {
  test("the socket offers chat.v1, and its first line is hello", () => {
    const bench = new ClientBench({ name: "Ada", history: 20 });
    expect(bench.client.state.connection).toBe("idle");
    bench.client.connect();
    expect(bench.client.state.connection).toBe("connecting");
    expect(bench.socket).toMatchObject({
      url: "wss://chat.example/ws/demo",
      protocols: ["chat.v1"],
      sent: [],
    });
    bench.socket.open();
    expect(bench.socket.lines).toEqual([
      { type: "hello", name: "Ada", key: "a-key-of-at-least-22-characters", history: 20 },
    ]);
  });

  test.each([
    ["http://chat.example/ws", "ws://chat.example/ws"],
    ["https://chat.example/ws", "wss://chat.example/ws"],
    ["ws://chat.example/ws", "ws://chat.example/ws"],
  ])("the address %s is that of the socket %s", (url, address) => {
    const bench = new ClientBench({ url });
    bench.client.connect();
    expect(bench.socket.url).toBe(address);
  });

  test("a client that was handed no key makes one and keeps to it", () => {
    const bench = new ClientBench({}, "no key");
    bench.join();
    bench.socket.drop();
    bench.client.reconnectNow();
    bench.welcome();
    const keys = bench.network.sockets.map(({ sent }) => /"key":"([0-9a-f]{32})"/.exec(sent[0] ?? "")?.[1]);
    expect(keys[0]).toBeDefined();
    expect(keys[1]).toBe(keys[0]);
  });

  test("connecting twice opens one socket", () => {
    const bench = new ClientBench();
    bench.client.connect();
    bench.client.connect();
    bench.welcome();
    bench.client.connect();
    expect(bench.sockets).toBe(1);
    expect(bench.client.state.connection).toBe("online");
  });

  test("a socket that is not welcomed within 15 s is given up", () => {
    const bench = new ClientBench();
    bench.client.connect();
    bench.socket.open();
    bench.clock.advance(14_999);
    expect(bench.client.state.connection).toBe("connecting");
    bench.clock.advance(1);
    expect(bench.client.state.connection).toBe("waiting");
    expect(bench.socket.closed).not.toBeNull();
  });

  test("a second welcome on one connection is ignored", () => {
    const bench = new ClientBench().join({ seq: 1, events: [messageLine(1)] });
    bench.socket.receive(messageLine(2));
    bench.socket.receive(welcomeLine({ seq: 1, events: [messageLine(1)] }));
    expect(bench.client.state.timeline.items).toHaveLength(2);
  });

  test.each([
    ["key", { key: "short" }],
    ["history", { history: 101 }],
    ["history", { history: 1.5 }],
  ])("a %s that no room would take is a TypeError: %o", (name, options) => {
    expect(() => new ClientBench(options)).toThrow(TypeError);
    expect(() => new ClientBench(options)).toThrow(name);
  });
});

describe("the heartbeat", () => {
  test("is the exact ping, every 25 s", () => {
    const bench = new ClientBench().join();
    bench.clock.advance(24_999);
    expect(bench.socket.sent).toHaveLength(1);
    for (let pings = 1; pings <= 3; pings += 1) {
      bench.clock.advance(pings === 1 ? 1 : 25_000);
      expect(bench.socket.sent.slice(1)).toEqual(Array.from({ length: pings }, () => PING));
      bench.socket.receive(PONG);
    }
    expect(bench.client.state.connection).toBe("online");
  });

  test("notices a dead link within 35 s, and does not wait for it to close", () => {
    const bench = new ClientBench().join();
    const close = vi.fn();
    bench.client.on("close", close);
    bench.clock.advance(34_999);
    expect(bench.client.state.connection).toBe("online");
    bench.clock.advance(1);
    expect(bench.client.state.connection).toBe("waiting");
    expect(close).toHaveBeenCalledExactlyOnceWith({
      code: 4000,
      reason: "nothing was heard in time",
      willReconnect: true,
    });
    expect(bench.socket.closed).toEqual({ code: 4000, reason: "nothing was heard in time" });
  });

  test("takes whatever it hears for a sign of life", () => {
    const bench = new ClientBench().join();
    bench.clock.advance(30_000);
    bench.socket.receive(messageLine(1));
    bench.clock.advance(15_000);
    expect(bench.client.state.connection).toBe("online");
  });

  test("gives up a link on which the pong is still behind other data when the next ping is due", () => {
    const bench = new ClientBench().join();
    for (let seq = 1; seq <= 9; seq += 1) {
      bench.clock.advance(5_000);
      bench.socket.receive(messageLine(seq));
    }
    expect(bench.client.state.connection).toBe("online");
    bench.clock.advance(5_000);
    expect(bench.client.state.connection).toBe("waiting");
  });

  test("gives up a link on which a command stays unanswered for 20 s", () => {
    const bench = new ClientBench().join();
    void bench.client.send("hello");
    bench.clock.advance(25_000);
    expect(bench.client.state.connection).toBe("waiting");
  });

  test("what a socket that was given up still says is not heard", () => {
    const bench = new ClientBench().join();
    bench.clock.advance(35_000);
    bench.socket.receive(messageLine(1));
    bench.socket.drop(4502);
    expect(bench.client.state).toMatchObject({ connection: "waiting", timeline: { head: 0 } });
  });
});

describe("a connection that is lost", () => {
  test("is tried again after the back-off, which doubles with every failure", () => {
    const bench = new ClientBench();
    bench.client.connect();
    for (const wait of [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      const { sockets } = bench;
      bench.socket.drop();
      const { connection, retryAt } = bench.client.state;
      expect({ connection, retryAt }).toEqual({ connection: "waiting", retryAt: bench.clock.now() + wait });
      bench.clock.advance(wait - 1);
      expect(bench.sockets).toBe(sockets);
      bench.clock.advance(1);
      expect(bench.sockets).toBe(sockets + 1);
    }
  });

  test("starts the back-off anew where it had held for 10 s", () => {
    const bench = new ClientBench().join();
    const waits: number[] = [];
    for (const held of [0, 9_999, 10_000, 0]) {
      bench.clock.advance(held);
      bench.socket.drop();
      waits.push((bench.client.state.retryAt ?? 0) - bench.clock.now());
      bench.clock.advance(10_000);
      bench.welcome();
    }
    expect(waits).toEqual([250, 500, 250, 500]);
  });

  test("is tried again after an error that nothing follows", () => {
    const bench = new ClientBench();
    bench.client.connect();
    bench.socket.fail();
    expect(bench.client.state).toMatchObject({ connection: "waiting", closeCode: 1006 });
  });

  test("is tried at once on request", () => {
    const bench = new ClientBench().join();
    bench.socket.drop();
    bench.client.reconnectNow();
    expect(bench.sockets).toBe(2);
    bench.client.reconnectNow();
    bench.clock.advance(1_000);
    expect(bench.sockets).toBe(2);
  });

  test("is lost where the socket takes no more frames", () => {
    const bench = new ClientBench().join();
    bench.socket.onsend = () => {
      throw new Error("the socket is closed");
    };
    void bench.client.send("hello");
    expect(bench.client.state).toMatchObject({ connection: "waiting", outbox: [{ status: "queued" }] });
  });

  test.each([
    1000,
    1001,
    1006,
    1009,
    1011,
    CloseCode.SlowReader,
    CloseCode.Ghost,
    CloseCode.RateAbuse,
    4499,
    5000,
  ])("is tried again after close code %i", (code) => {
    const bench = new ClientBench().join();
    bench.socket.drop(code);
    expect(bench.client.state).toMatchObject({ connection: "waiting", closeCode: code });
  });

  test.each([4500, CloseCode.RoomFull, 4999])("is not tried again after close code %i", (code) => {
    const bench = new ClientBench().join();
    const close = vi.fn();
    bench.client.on("close", close);
    bench.socket.drop(code, "the room is full");
    expect(bench.client.state).toMatchObject({ connection: "closed", closeCode: code });
    expect(close).toHaveBeenCalledExactlyOnceWith({ code, reason: "the room is full", willReconnect: false });
    expect(bench.clock.nextAt).toBeNull();
    expect(bench.window.size).toBe(0);
    bench.client.connect();
    expect(bench.sockets).toBe(2);
  });
});

describe("waking", () => {
  test.each(["online", "visibilitychange"] as const)("on %s a waiting client tries at once", (event) => {
    const bench = new ClientBench().join();
    bench.socket.drop();
    bench.window.dispatch(event);
    expect(bench.sockets).toBe(2);
  });

  test("becoming hidden is no waking", () => {
    const bench = new ClientBench().join();
    bench.socket.drop();
    bench.window.document.visibilityState = "hidden";
    bench.window.dispatch("visibilitychange");
    expect(bench.sockets).toBe(1);
  });

  test("an online client pings, and a link that stays silent for 5 s is dead", () => {
    const bench = new ClientBench().join();
    bench.clock.advance(1_000);
    bench.window.dispatch("visibilitychange");
    bench.clock.advance(4_000);
    bench.window.dispatch("online");
    expect(bench.socket.sent.slice(1)).toEqual([PING]);
    bench.clock.advance(999);
    expect(bench.client.state.connection).toBe("online");
    bench.clock.advance(1);
    expect(bench.client.state.connection).toBe("waiting");
  });

  test("a ping on waking disturbs the heartbeat in nothing", () => {
    const bench = new ClientBench().join();
    bench.clock.advance(24_000);
    bench.window.dispatch("online");
    bench.clock.advance(1_000);
    bench.socket.receive(PONG);
    bench.clock.advance(25_000);
    bench.socket.receive(PONG);
    expect(bench.client.state.connection).toBe("online");
  });

  test("an attempt that began before gets 5 s more", () => {
    const bench = new ClientBench();
    bench.client.connect();
    bench.clock.advance(1_000);
    bench.window.dispatch("online");
    bench.clock.advance(5_000);
    expect(bench.client.state.connection).toBe("waiting");
  });
});

describe("closing", () => {
  test("closes the socket, and leaves neither timers nor listeners behind", () => {
    const bench = new ClientBench().join();
    const close = vi.fn();
    bench.client.on("close", close);
    bench.client.close();
    expect(bench.socket.closed).toEqual({ code: 1000, reason: "" });
    expect(bench.client.state).toMatchObject({ connection: "closed", closeCode: 1000 });
    expect(close).toHaveBeenCalledExactlyOnceWith({ code: 1000, reason: "", willReconnect: false });
    expect(bench.clock.nextAt).toBeNull();
    expect(bench.window.size).toBe(0);
    bench.client.close();
    expect(close).toHaveBeenCalledOnce();
  });

  test("ends the waiting for another attempt", () => {
    const bench = new ClientBench().join();
    bench.socket.drop();
    bench.client.close();
    expect(bench.client.state.connection).toBe("closed");
    bench.clock.advance(60_000);
    expect(bench.sockets).toBe(1);
  });

  test("a client that was closed can connect again, and resumes", () => {
    const bench = new ClientBench().join({ seq: 1, events: [messageLine(1)] });
    bench.client.close();
    bench.client.connect();
    bench.socket.open();
    expect(bench.socket.lines).toMatchObject([{ type: "hello", resume: { epoch: "epoch-1", seq: 1 } }]);
  });
});
