// The client drops what the room has dropped by its age, by the server's clock.
import { expect, test } from "vitest";
import type { RoomState } from "../../../src/protocol/index.ts";
import { UNOWNED } from "../../../src/protocol/room-state.ts";
import { ClientRig } from "../../helpers/client-rig.ts";
import { messageLine, welcomeLine } from "../../helpers/server-lines.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LIMITS = { text: 8_192, name: 32, frame: 32_768 };

const owned = (change: Partial<RoomState>): RoomState => ({ ...UNOWNED, owned: true, ...change });

interface Room {
  readonly state?: RoomState;
  /** Ages of the messages, in hours. */
  readonly hours?: readonly number[];
  /** The clock of the client is late by this, ms. */
  readonly late?: number;
  readonly limits?: typeof LIMITS & { days?: number };
}

/** Returns a client in a room. */
function rigOf({ state, hours = [20, 10, 0], late = 0, limits = LIMITS }: Room) {
  const rig = new ClientRig();
  const now = rig.clock.now() + late;
  const events = hours.map((age, index) => messageLine(index + 1, { at: now - age * HOUR }));
  rig.join({ seq: 3, events, now, limits, more: true, ...(state && { state, role: "member" }) });
  return rig;
}

const seqs = ({ client }: ClientRig) =>
  client.state.timeline.items.map((item) => (item.type === "gap" ? "gap" : item.seq));

test("drops each message when it is too old, without a line from the server", () => {
  const rig = rigOf({ state: owned({ retention: "day" }) });
  rig.clock.advance(4 * HOUR - 1_000);
  expect(seqs(rig)).toEqual([1, 2, 3]);
  rig.clock.advance(2_000);
  expect(seqs(rig)).toEqual([2, 3]);
  expect(rig.client.state.timeline).toMatchObject({ start: 2, head: 3, more: true });
  rig.clock.advance(10 * HOUR);
  expect(seqs(rig)).toEqual([3]);
});

test("drops messages while it is offline, too", () => {
  const rig = rigOf({ state: owned({ retention: "day" }) });
  rig.socket.drop();
  rig.clock.advance(DAY + HOUR);
  expect(seqs(rig)).toEqual([]);
  expect(rig.client.position).toEqual({ epoch: "epoch-1", seq: 3 });
});

test("reckons by the server's clock", () => {
  const rig = rigOf({ state: owned({ retention: "day" }), late: 100 * DAY });
  expect(seqs(rig)).toEqual([1, 2, 3]);
  rig.clock.advance(5 * HOUR);
  expect(seqs(rig)).toEqual([2, 3]);
});

test("the limit of the service holds in rooms without an owner, and the shorter of both", () => {
  const rig = rigOf({ limits: { ...LIMITS, days: 1 } });
  rig.clock.advance(5 * HOUR);
  expect(seqs(rig)).toEqual([2, 3]);
  const both = rigOf({ state: owned({ retention: "month" }), limits: { ...LIMITS, days: 1 } });
  both.clock.advance(5 * HOUR);
  expect(seqs(both)).toEqual([2, 3]);
});

test.each(["all", "presence", "decade"])("drops nothing by age with retention %s", (retention) => {
  const rig = rigOf({ state: owned({ retention: retention as "all" }), hours: [9_000, 9_000, 0] });
  expect(seqs(rig)).toEqual([1, 2, 3]);
});

test("a server that says nothing of retention keeps everything", () => {
  const { retention: _, ...state } = owned({});
  const rig = rigOf({ state: state as RoomState, hours: [9_000, 9_000, 0] });
  expect(rig.client.state.roomState.retention).toBe("all");
  expect(seqs(rig)).toEqual([1, 2, 3]);
});

test("a new setting takes effect at once", () => {
  const rig = rigOf({ state: owned({ retention: "all" }), hours: [30, 10, 0] });
  rig.socket.receive({ type: "state", state: owned({ retention: "day" }), role: "member" });
  expect(seqs(rig)).toEqual([2, 3]);
});

test("a page of history that arrives late shows nothing that is too old", async () => {
  const rig = rigOf({ state: owned({ retention: "day" }) });
  const loading = rig.client.loadEarlier();
  const id = "id-1";
  const at = rig.clock.now() - 23 * HOUR - 59 * 60_000;
  rig.socket.receive({ type: "history", id, events: [messageLine(0, { at })], more: false });
  expect(await loading).toHaveLength(1);
  expect(seqs(rig)).toEqual([0, 1, 2, 3]);
  rig.clock.advance(2 * 60_000);
  expect(seqs(rig)).toEqual([1, 2, 3]);
});

test("drops a gap with the messages before it, and can load what is left of it", () => {
  const rig = rigOf({ state: owned({ retention: "day" }) });
  rig.socket.drop();
  rig.clock.advance(HOUR);
  const now = rig.clock.now();
  const events = [messageLine(9, { at: now })];
  rig.socket.open();
  rig.socket.receive(
    welcomeLine({ seq: 9, events, now, more: true, state: owned({ retention: "day" }), role: "member" }),
  );
  expect(seqs(rig)).toEqual([1, 2, 3, "gap", 9]);
  rig.clock.advance(DAY - 30 * 60_000);
  expect(seqs(rig)).toEqual([9]);
  expect(rig.client.state.timeline).toMatchObject({ start: 9, more: true });
});

test("an item of the future neither goes alone nor keeps older ones", () => {
  const rig = new ClientRig();
  const now = rig.clock.now();
  const times = [now - 20 * HOUR, now + 365 * DAY, now - 10 * HOUR];
  const events = times.map((at, index) => messageLine(index + 1, { at }));
  rig.join({ seq: 3, events, now, state: owned({ retention: "day" }), role: "member" });
  rig.clock.advance(5 * HOUR);
  expect(seqs(rig)).toEqual([2, 3]);
  rig.clock.advance(DAY);
  expect(seqs(rig)).toEqual([]);
});

test("a closed client has no timer", () => {
  const rig = rigOf({ state: owned({ retention: "day" }) });
  rig.client.close();
  rig.clock.advance(5 * HOUR);
  expect(seqs(rig)).toEqual([1, 2, 3]);
});
