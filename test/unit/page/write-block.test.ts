// Whether the user may write in the room now.
import { expect, test } from "vitest";
import type { ChatState, OutboxEntry } from "../../../src/client/index.ts";
import { writeBlock } from "../../../src/page/state/write-block.ts";
import { UNOWNED } from "../../../src/protocol/room-state.ts";

type State = Parameters<typeof writeBlock>[0];

const NOW = 1_000_000;

function state(over: Partial<State> = {}, settings: Partial<ChatState["roomState"]> = {}): State {
  return {
    roomState: { ...UNOWNED, owned: true, ...settings },
    role: "member",
    muted: null,
    clockOffset: 0,
    you: { user: "ann", name: "Ann" },
    timeline: { items: [], head: 0, start: 1, more: false },
    outbox: [],
    ...over,
  };
}

function wrote(at: number, user = "ann"): Partial<State> {
  const item = { type: "message", seq: 1, at, user, name: user, text: "x", reactions: {} } as const;
  return { timeline: { items: [item], head: 1, start: 1, more: false } };
}

const blockOf = (given: State, refusedUntil = 0) => writeBlock(given, () => NOW, refusedUntil);

test("nothing prevents writing in a room without rules", () => {
  expect(blockOf(state(wrote(NOW)))).toBeNull();
});

test("a mute ends by the server's clock", () => {
  expect(blockOf(state({ muted: {} }))).toEqual({ type: "muted" });
  const muted = { until: NOW + 10_000, reason: "ads" };
  expect(blockOf(state({ muted, clockOffset: 4_000 }))).toEqual({
    type: "muted",
    until: NOW + 6_000,
    reason: "ads",
  });
  expect(blockOf(state({ muted, clockOffset: 10_000 }))).toBeNull();
});

test("a read-only room is for moderators", () => {
  expect(blockOf(state({}, { readOnly: true }))).toEqual({ type: "read-only" });
  expect(blockOf(state({ role: "moderator" }, { readOnly: true }))).toBeNull();
  expect(blockOf(state({ role: "owner" }, { readOnly: true }))).toBeNull();
});

test("slow mode counts from the user's last message, by the server's clock", () => {
  const slow = { slowMode: 30_000 };
  expect(blockOf(state(wrote(NOW - 10_000), slow))).toEqual({
    type: "slow",
    until: NOW + 20_000,
    interval: 30_000,
  });
  expect(blockOf(state({ ...wrote(NOW), clockOffset: 5_000 }, slow))).toMatchObject({ until: NOW + 25_000 });
  expect(blockOf(state(wrote(NOW - 30_000), slow))).toBeNull();
  expect(blockOf(state(wrote(NOW, "bob"), slow))).toBeNull();
  expect(blockOf(state({ ...wrote(NOW), role: "moderator" }, slow))).toBeNull();
});

test("slow mode counts from a message that is still in the outbox, unless it was rejected", () => {
  const entry = (status: OutboxEntry["status"]): Partial<State> => ({
    outbox: [{ id: "a", kind: "send", command: { type: "send", id: "a", text: "x" }, at: NOW, status }],
  });
  const slow = { slowMode: 30_000 };
  expect(blockOf(state(entry("queued"), slow))).toMatchObject({ until: NOW + 30_000 });
  expect(blockOf(state(entry("failed"), slow))).toBeNull();
});

test("slow mode waits as long as the room said when it rejected a message", () => {
  expect(blockOf(state({}, { slowMode: 30_000 }), NOW + 7_000)).toMatchObject({ until: NOW + 7_000 });
  expect(blockOf(state(), NOW + 7_000)).toBeNull();
});
