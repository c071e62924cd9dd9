// The life of a connection: opening, heartbeat, back-off, waking, closing.
import { describe, expect, test, vi } from "vitest";
import { CloseCode, PING, PONG } from "../../../src/protocol/index.ts";
import { ClientRig } from "../../helpers/client-rig.ts";
import { messageLine, welcomeLine } from "../../helpers/server-lines.ts";

describe("opening", () => {
  test("offers chat.v1 and sends hello as the first line", () => {
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

  test("a client without a key makes one and keeps it", () => {
    const rig = new ClientRig({}, "no key");
    rig.join();
    rig.socket.drop();
    rig.client.reconnectNow();
    rig.welcome();
    const keys = rig.network.sockets.map(({ sent }) => /"key":"([0-9a-f]{32})"/.exec(sent[0] ?? "")?.[1]);
    expect(keys[0]).toBeDefined();
    expect(keys[1]).toBe(keys[0]);
  });

  test("opens one socket if connect is called twice", () => {
    const rig = new ClientRig();
    rig.client.connect();
    rig.client.connect();
    rig.welcome();
    rig.client.connect();
    expect(rig.sockets).toBe(1);
    expect(rig.client.state.connection).toBe("online");
  });

  test("gives up a socket without a welcome after 15 s", () => {
    const rig = new ClientRig();
    rig.client.connect();
    rig.socket.open();
    rig.clock.advance(14_999);
    expect(rig.client.state.connection).toBe("connecting");
    rig.clock.advance(1);
    expect(rig.client.state.connection).toBe("waiting");
    expect(rig.socket.closed).not.toBeNull();
  });

  test("ignores a second welcome on the same connection", () => {
    const rig = new ClientRig().join({ seq: 1, events: [messageLine(1)] });
    rig.socket.receive(messageLine(2));
    rig.socket.receive(welcomeLine({ seq: 1, events: [messageLine(1)] }));
    expect(rig.client.state.timeline.items).toHaveLength(2);
  });
});

describe("the heartbeat", () => {
  test("sends the exact ping every 25 s", () => {
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

  test("detects a dead link within 35 s and does not wait for its close", () => {
    const rig = new ClientRig().join();
    const close = vi.fn();
    rig.client.on("close", close);
    rig.clock.advance(34_999);
    expect(rig.client.state.connection).toBe("online");
    rig.clock.advance(1);
    expect(rig.client.state.connection).toBe("waiting");
    expect(close).toHaveBeenCalledExactlyOnceWith({
      code: 4000,
      reason: "nothing was received in time",
      willReconnect: true,
    });
    expect(rig.socket.closed).toEqual({ code: 4000, reason: "nothing was received in time" });
  });

  test("accepts any data as a sign of life", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(30_000);
    rig.socket.receive(messageLine(1));
    rig.clock.advance(15_000);
    expect(rig.client.state.connection).toBe("online");
  });

  test("gives up a link whose pong is not there when the next ping is due", () => {
    const rig = new ClientRig().join();
    for (let seq = 1; seq <= 9; seq += 1) {
      rig.clock.advance(5_000);
      rig.socket.receive(messageLine(seq));
    }
    expect(rig.client.state.connection).toBe("online");
    rig.clock.advance(5_000);
    expect(rig.client.state.connection).toBe("waiting");
  });

  test("finds the pong among other lines", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(25_000);
    rig.socket.receive(messageLine(1), PONG, messageLine(2));
    rig.clock.advance(25_000);
    rig.socket.receive(PONG);
    expect(rig.client.state).toMatchObject({ connection: "online", timeline: { head: 2 } });
  });

  test("gives up a link on which a command has no answer for 20 s", () => {
    const rig = new ClientRig().join();
    void rig.client.send("hello");
    rig.clock.advance(25_000);
    expect(rig.client.state.connection).toBe("waiting");
  });

  test("ignores the events of a socket that was given up", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(35_000);
    rig.socket.receive(messageLine(1));
    rig.socket.drop(4502);
    expect(rig.client.state).toMatchObject({ connection: "waiting", timeline: { head: 0 } });
  });
});

describe("after a lost connection", () => {
  test("connects again after the back-off, which doubles with each failure", () => {
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

  test("resets the back-off if the connection was stable for 10 s", () => {
    const rig = new ClientRig().join();
    const waits: number[] = [];
    for (const stableMs of [0, 9_999, 10_000, 0]) {
      rig.clock.advance(stableMs);
      rig.socket.drop();
      waits.push((rig.client.state.retryAt ?? 0) - rig.clock.now());
      rig.clock.advance(10_000);
      rig.welcome();
    }
    expect(waits).toEqual([250, 500, 250, 500]);
  });

  test("connects again after an error without a close", () => {
    const rig = new ClientRig();
    rig.client.connect();
    rig.socket.fail();
    expect(rig.client.state).toMatchObject({ connection: "waiting", closeCode: 1006 });
  });

  test("connects at once on request", () => {
    const rig = new ClientRig().join();
    rig.socket.drop();
    rig.client.reconnectNow();
    expect(rig.sockets).toBe(2);
    rig.client.reconnectNow();
    rig.clock.advance(1_000);
    expect(rig.sockets).toBe(2);
  });

  test("gives up a socket that throws on send", () => {
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
  ])("connects again after close code %i", (code) => {
    const rig = new ClientRig().join();
    rig.socket.drop(code);
    expect(rig.client.state).toMatchObject({ connection: "waiting", closeCode: code });
  });

  test.each([4500, CloseCode.RoomFull, 4999])("does not connect again after close code %i", (code) => {
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
  test.each(["online", "visibilitychange"] as const)("connects a waiting client at once on %s", (event) => {
    const rig = new ClientRig().join();
    rig.socket.drop();
    rig.window.dispatch(event);
    expect(rig.sockets).toBe(2);
  });

  test("a tab that becomes hidden does not wake the client", () => {
    const rig = new ClientRig().join();
    rig.socket.drop();
    rig.window.document.visibilityState = "hidden";
    rig.window.dispatch("visibilitychange");
    expect(rig.sockets).toBe(1);
  });

  test("pings an open link and gives it up after 5 s of silence", () => {
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

  test("the extra ping does not disturb the heartbeat", () => {
    const rig = new ClientRig().join();
    rig.clock.advance(24_000);
    rig.window.dispatch("online");
    rig.clock.advance(1_000);
    rig.socket.receive(PONG);
    rig.clock.advance(25_000);
    rig.socket.receive(PONG);
    expect(rig.client.state.connection).toBe("online");
  });

  test("gives an attempt that is running 5 s more", () => {
    const rig = new ClientRig();
    rig.client.connect();
    rig.clock.advance(1_000);
    rig.window.dispatch("online");
    rig.clock.advance(5_000);
    expect(rig.client.state.connection).toBe("waiting");
  });
});

describe("closing", () => {
  test("closes the socket and leaves no timers or listeners", () => {
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

  test("cancels the next attempt", () => {
    const rig = new ClientRig().join();
    rig.socket.drop();
    rig.client.close();
    expect(rig.client.state.connection).toBe("closed");
    rig.clock.advance(60_000);
    expect(rig.sockets).toBe(1);
  });

  test("a closed client can connect again and resumes", () => {
    const rig = new ClientRig().join({ seq: 1, events: [messageLine(1)] });
    rig.client.close();
    rig.client.connect();
    rig.socket.open();
    expect(rig.socket.lines).toMatchObject([{ type: "hello", resume: { epoch: "epoch-1", seq: 1 } }]);
  });
});
