import { expect, test } from "vitest";
import { CloseCode, MAX_BUFFERED_BYTES } from "../../../src/protocol/index.ts";
import { Connection } from "../../../src/room/connection.ts";
import type { Session } from "../../../src/room/session.ts";
import { TestPeer, UNLIMITED } from "../../helpers/test-room.ts";

const NOW = 1_700_000_000_000;
const PING = '{"type":"ping"}';

function connect(change: Partial<Session> = {}): { connection: Connection; peer: TestPeer } {
  const peer = new TestPeer();
  const session: Session = {
    ...{ mode: "chat.v1", user: "guest", name: "Guest", joined: false, since: NOW, heardAt: NOW },
    ...change,
  };
  return { connection: new Connection(peer, session, UNLIMITED), peer };
}

/** Returns what a connection's state decides. */
const stateOf = ({ state, isOpen, isMember }: Connection) => ({ type: state.type, isOpen, isMember });

test("goes from opened to joined to closing to closed", () => {
  const { connection, peer } = connect();
  expect(stateOf(connection)).toEqual({ type: "opened", isOpen: true, isMember: false });
  connection.join("ann", "Ann", {});
  expect(stateOf(connection)).toEqual({ type: "joined", isOpen: true, isMember: true });
  expect(peer.session).toMatchObject({ user: "ann", name: "Ann", joined: true });
  connection.startClosing(CloseCode.Stale);
  expect(stateOf(connection)).toEqual({ type: "closing", isOpen: false, isMember: true });
  connection.closed();
  expect(stateOf(connection)).toEqual({ type: "closed", isOpen: false, isMember: false });
});

test("is no member while it closes before its hello", () => {
  const { connection } = connect();
  connection.startClosing(CloseCode.NoHello);
  expect(stateOf(connection)).toEqual({ type: "closing", isOpen: false, isMember: false });
});

test("is joined at once in plain mode and when it was joined before a hibernation", () => {
  for (const mode of ["plain", "chat.v1"] as const) {
    expect(stateOf(connect({ mode, joined: true }).connection).type).toBe("joined");
  }
});

test("sends its pending output before it closes, with the first close code", () => {
  const { connection, peer } = connect({ joined: true });
  connection.push(PING);
  connection.startClosing(CloseCode.RateAbuse);
  connection.startClosing(CloseCode.Stale);
  expect(peer.closedWith).toBeUndefined();
  expect(connection.flush("shared")).toBe("closed");
  expect([peer.take(), peer.closedWith]).toEqual([[`${PING}\nshared`], CloseCode.RateAbuse]);
  expect(peer.session?.joined).toBe(false);
});

test("stays closed when it is closed again", () => {
  const { connection } = connect({ joined: true });
  connection.closed();
  connection.startClosing(CloseCode.Stale);
  expect(connection.state.type).toBe("closed");
});

test("sends one frame a flush, its own lines first, and none if there is no line", () => {
  const { connection, peer } = connect({ joined: true });
  expect(connection.flush("")).toBe("idle");
  connection.push({ type: "ok", id: "a", seq: 1 });
  connection.push(PING);
  expect(connection.unreadLength).toBe('{"type":"ok","id":"a","seq":1}'.length + PING.length);
  connection.flush("shared");
  connection.flush("shared");
  expect(peer.take()).toEqual([`{"type":"ok","id":"a","seq":1}\n${PING}\nshared`, "shared"]);
  expect(connection.unreadLength).toBe(0);
});

test("closes a slow reader 4008 without another frame", () => {
  const { connection, peer } = connect({ joined: true });
  peer.buffered = MAX_BUFFERED_BYTES;
  expect(connection.flush("one")).toBe("sent");
  peer.buffered += 1;
  expect(connection.flush("two")).toBe("closed");
  expect([peer.take(), peer.closedWith]).toEqual([["one"], CloseCode.SlowReader]);
});

test("shows an error in plain mode as a notice", () => {
  const error = { code: "rate_limited", message: "too fast", retryAfter: 5 } as const;
  const [plain, json] = [connect({ mode: "plain", joined: true }), connect()];
  plain.connection.pushError(error, "a");
  plain.connection.flush("");
  expect(plain.peer.take()).toEqual(["* not sent: too fast"]);
  json.connection.pushError(error, "a");
  json.connection.pushError({ code: "internal", message: "failed" }, undefined);
  json.connection.flush("");
  expect(json.peer.takeLines()).toEqual([
    { type: "error", id: "a", ...error },
    { type: "error", code: "internal", message: "failed" },
  ]);
});

test("reports three lines in a row that are not JSON", () => {
  const { connection } = connect();
  const counts = [false, false, true, false, false, false].map((isJson) => connection.countNotJson(isJson));
  expect(counts).toEqual([false, false, false, false, false, true]);
});

test("becomes stale 90 s after the last frame or ping, in plain mode never", () => {
  const { connection, peer } = connect();
  expect(connection.staleAt).toBe(NOW + 90_000);
  connection.heard(NOW + 1_000);
  expect(connection.staleAt).toBe(NOW + 91_000);
  peer.lastPing = NOW + 2_000;
  expect(connection.staleAt).toBe(NOW + 92_000);
  expect(connect({ mode: "plain" }).connection.staleAt).toBeNull();
});

test("saves the time of its last frame once in 10 s", () => {
  const { connection, peer } = connect();
  connection.heard(NOW + 9_999);
  expect(peer.session).toBeUndefined();
  connection.heard(NOW + 10_000);
  expect(peer.session?.heardAt).toBe(NOW + 10_000);
});
