// Holds the life of the connection: opening, heartbeat, back-off, waking, closing.
import { describe, expect, test, vi } from "vitest";
import { CloseCode, PING, PONG } from "../../src/protocol/index.ts";
import { ClientRig } from "../helpers/client-rig.ts";
import { messageLine, welcomeLine } from "../helpers/server-lines.ts";

describe("opening", () => {
  test("the socket offers chat.v1, and its first line is hello", () => {
    const rig = new ClientRig({ name: "Ada", history: 20 });
    expect(rig.client.state.connection).toBe("idle");
    rig.client.connect();
    expect(rig.client.state.connection).toBe("connecting");
    expect(rig.socket).toMatchObject({
      url: "wss://chat.example/ws/demo",
      protocols: ["chat.v1"],
      sent: [],
    });
    rig.socket.open();
    expect(rig.socket.lines).toEqual([
      { type: "hello", name: "Ada", key: "a-key-of-at-least-22-characters", history: 20 },
    ]);
  });

  test.each([
    ["http://chat.example/ws", "ws://chat.example/ws"],
    ["https://chat.example/ws", "wss://chat.example/ws"],
    ["ws://chat.example/ws", "ws://chat.example/ws"],
  ])("the address %s is that of the socket %s", (url, address) => {
    const rig = new ClientRig({ url });
    rig.client.connect();
    expect(rig.socket.url).toBe(address);
  });

  test("a client that was handed no key makes one and keeps to it", () => {
    const rig = new ClientRig({}, "no key");
    rig.join();
    rig.socket.drop();
    rig.client.reconnectNow();
    rig.welcome();
    const keys = rig.network.sockets.map(({ sent }) => /"key":"([0-9a-f]{32})"/.exec(sent[0] ?? "")?.[1]);
    expect(keys[0]).toBeDefined();
    expect(keys[1]).toBe(keys[0]);
  });

  test("connecting twice opens one socket", () => {
    const rig = new ClientRig();
    rig.client.connect();
    rig.client.connect();
    rig.welcome();
    rig.client.connect();
    expect(rig.sockets).toBe(1);
    expect(rig.client.state.connection).toBe("online");
  });

  test("a socket that is not welcomed within 15 s is given up", () => {
    const rig = new ClientRig();
    rig.client.connect();
    rig.socket.open();
    rig.clock.advance(14_999);
    expect(rig.client.state.connection).toBe("connecting");
    rig.clock.advance(1);
    expect(rig.client.state.connection).toBe("waiting");
    expect(rig.socket.closed).not.toBeNull();
  });

  test("a second welcome on one connection is ignored", () => {
    const rig = new ClientRig().join({ seq: 1, events: [messageLine(1)] });
    rig.socket.receive(messageLine(2));
    rig.socket.receive(welcomeLine({ seq: 1, events: [messageLine(1)] }));
    expect(rig.client.state.timeline.items).toHaveLength(2);
  });

  test.each([
    ["key", { key: "short" }],
    ["history", { history: 101 }],
    ["history", { history: 1.5 }],
  ])("a %s that no room would take is a TypeError: %o", (name, options) => {
    expect(() => new ClientRig(options)).toThrow(TypeError);
    expect(() => new ClientRig(options)).toThrow(name);
  });
});

describe("the heartbeat", () => {
  test("is the exact ping, every 25 s", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(24_999);
    expect(rig.socket.sent).toHaveLength(1);
    for (let pings = 1; pings <= 3; pings += 1) {
      rig.clock.advance(pings === 1 ? 1 : 25_000);
      expect(rig.socket.sent.slice(1)).toEqual(Array.from({ length: pings }, () => PING));
      rig.socket.receive(PONG);
    }
    expect(rig.client.state.connection).toBe("online");
  });

  test("notices a dead link within 35 s, and does not wait for it to close", () => {
    const rig = new ClientRig().join();
    const close = vi.fn();
    rig.client.on("close", close);
    rig.clock.advance(34_999);
    expect(rig.client.state.connection).toBe("online");
    rig.clock.advance(1);
    expect(rig.client.state.connection).toBe("waiting");
    expect(close).toHaveBeenCalledExactlyOnceWith({
      code: 4000,
      reason: "nothing was heard in time",
      willReconnect: true,
    });
    expect(rig.socket.closed).toEqual({ code: 4000, reason: "nothing was heard in time" });
  });

  test("takes whatever it hears for a sign of life", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(30_000);
    rig.socket.receive(messageLine(1));
    rig.clock.advance(15_000);
    expect(rig.client.state.connection).toBe("online");
  });

  test("gives up a link on which the pong is still behind other data when the next ping is due", () => {
    const rig = new ClientRig().join();
    for (let seq = 1; seq <= 9; seq += 1) {
      rig.clock.advance(5_000);
      rig.socket.receive(messageLine(seq));
    }
    expect(rig.client.state.connection).toBe("online");
    rig.clock.advance(5_000);
    expect(rig.client.state.connection).toBe("waiting");
  });

  test("finds its pong among other lines", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(25_000);
    rig.socket.receive(messageLine(1), PONG, messageLine(2));
    rig.clock.advance(25_000);
    rig.socket.receive(PONG);
    expect(rig.client.state).toMatchObject({ connection: "online", timeline: { head: 2 } });
  });

  test("gives up a link on which a command stays unanswered for 20 s", () => {
    const rig = new ClientRig().join();
    void rig.client.send("hello");
    rig.clock.advance(25_000);
    expect(rig.client.state.connection).toBe("waiting");
  });

  test("what a socket that was given up still says is not heard", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(35_000);
    rig.socket.receive(messageLine(1));
    rig.socket.drop(4502);
    expect(rig.client.state).toMatchObject({ connection: "waiting", timeline: { head: 0 } });
  });
});

describe("a connection that is lost", () => {
  test("is tried again after the back-off, which doubles with every failure", () => {
    const rig = new ClientRig();
    rig.client.connect();
    for (const wait of [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      const { sockets } = rig;
      rig.socket.drop();
      const { connection, retryAt } = rig.client.state;
      expect({ connection, retryAt }).toEqual({ connection: "waiting", retryAt: rig.clock.now() + wait });
      rig.clock.advance(wait - 1);
      expect(rig.sockets).toBe(sockets);
      rig.clock.advance(1);
      expect(rig.sockets).toBe(sockets + 1);
    }
  });

  test("starts the back-off anew where it had held for 10 s", () => {
    const rig = new ClientRig().join();
    const waits: number[] = [];
    for (const held of [0, 9_999, 10_000, 0]) {
      rig.clock.advance(held);
      rig.socket.drop();
      waits.push((rig.client.state.retryAt ?? 0) - rig.clock.now());
      rig.clock.advance(10_000);
      rig.welcome();
    }
    expect(waits).toEqual([250, 500, 250, 500]);
  });

  test("is tried again after an error that nothing follows", () => {
    const rig = new ClientRig();
    rig.client.connect();
    rig.socket.fail();
    expect(rig.client.state).toMatchObject({ connection: "waiting", closeCode: 1006 });
  });

  test("is tried at once on request", () => {
    const rig = new ClientRig().join();
    rig.socket.drop();
    rig.client.reconnectNow();
    expect(rig.sockets).toBe(2);
    rig.client.reconnectNow();
    rig.clock.advance(1_000);
    expect(rig.sockets).toBe(2);
  });

  test("is lost where the socket takes no more frames", () => {
    const rig = new ClientRig().join();
    rig.socket.onsend = () => {
      throw new Error("the socket is closed");
    };
    void rig.client.send("hello");
    expect(rig.client.state).toMatchObject({ connection: "waiting", outbox: [{ status: "queued" }] });
  });

  test.each([
    1000,
    1001,
    1006,
    1009,
    1011,
    CloseCode.SlowReader,
    CloseCode.Stale,
    CloseCode.RateAbuse,
    4499,
    5000,
  ])("is tried again after close code %i", (code) => {
    const rig = new ClientRig().join();
    rig.socket.drop(code);
    expect(rig.client.state).toMatchObject({ connection: "waiting", closeCode: code });
  });

  test.each([4500, CloseCode.RoomFull, 4999])("is not tried again after close code %i", (code) => {
    const rig = new ClientRig().join();
    const close = vi.fn();
    rig.client.on("close", close);
    rig.socket.drop(code, "the room is full");
    expect(rig.client.state).toMatchObject({ connection: "closed", closeCode: code });
    expect(close).toHaveBeenCalledExactlyOnceWith({ code, reason: "the room is full", willReconnect: false });
    expect(rig.clock.nextAt).toBeNull();
    expect(rig.window.size).toBe(0);
    rig.client.connect();
    expect(rig.sockets).toBe(2);
  });
});

describe("waking", () => {
  test.each(["online", "visibilitychange"] as const)("on %s a waiting client tries at once", (event) => {
    const rig = new ClientRig().join();
    rig.socket.drop();
    rig.window.dispatch(event);
    expect(rig.sockets).toBe(2);
  });

  test("becoming hidden is no waking", () => {
    const rig = new ClientRig().join();
    rig.socket.drop();
    rig.window.document.visibilityState = "hidden";
    rig.window.dispatch("visibilitychange");
    expect(rig.sockets).toBe(1);
  });

  test("an online client pings, and a link that stays silent for 5 s is dead", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(1_000);
    rig.window.dispatch("visibilitychange");
    rig.clock.advance(4_000);
    rig.window.dispatch("online");
    expect(rig.socket.sent.slice(1)).toEqual([PING]);
    rig.clock.advance(999);
    expect(rig.client.state.connection).toBe("online");
    rig.clock.advance(1);
    expect(rig.client.state.connection).toBe("waiting");
  });

  test("a ping on waking disturbs the heartbeat in nothing", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(24_000);
    rig.window.dispatch("online");
    rig.clock.advance(1_000);
    rig.socket.receive(PONG);
    rig.clock.advance(25_000);
    rig.socket.receive(PONG);
    expect(rig.client.state.connection).toBe("online");
  });

  test("an attempt that began before gets 5 s more", () => {
    const rig = new ClientRig();
    rig.client.connect();
    rig.clock.advance(1_000);
    rig.window.dispatch("online");
    rig.clock.advance(5_000);
    expect(rig.client.state.connection).toBe("waiting");
  });
});

describe("closing", () => {
  test("closes the socket, and leaves neither timers nor listeners behind", () => {
    const rig = new ClientRig().join();
    const close = vi.fn();
    rig.client.on("close", close);
    rig.client.close();
    expect(rig.socket.closed).toEqual({ code: 1000, reason: "" });
    expect(rig.client.state).toMatchObject({ connection: "closed", closeCode: 1000 });
    expect(close).toHaveBeenCalledExactlyOnceWith({ code: 1000, reason: "", willReconnect: false });
    expect(rig.clock.nextAt).toBeNull();
    expect(rig.window.size).toBe(0);
    rig.client.close();
    expect(close).toHaveBeenCalledOnce();
  });

  test("ends the waiting for another attempt", () => {
    const rig = new ClientRig().join();
    rig.socket.drop();
    rig.client.close();
    expect(rig.client.state.connection).toBe("closed");
    rig.clock.advance(60_000);
    expect(rig.sockets).toBe(1);
  });

  test("a client that was closed can connect again, and resumes", () => {
    const rig = new ClientRig().join({ seq: 1, events: [messageLine(1)] });
    rig.client.close();
    rig.client.connect();
    rig.socket.open();
    expect(rig.socket.lines).toMatchObject([{ type: "hello", resume: { epoch: "epoch-1", seq: 1 } }]);
  });
});
