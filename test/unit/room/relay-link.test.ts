// The link of a room to one relay.
import { expect, test } from "vitest";
import { NOTHING_HERE } from "../../../src/room/elsewhere.ts";
import type { AttachAnswer, Delivery, FeedState, RelaySink } from "../../../src/room/feed.ts";
import { type Current, RelayLink } from "../../../src/room/relay-link.ts";
import { Rules } from "../../../src/room/rules.ts";

const STATE: FeedState = {
  ...{ epoch: "epoch", isStored: true, head: 0, pruned: 0, oldestMessage: null },
  isDraining: false,
};

const rules = new Rules({ exec: () => [], transaction: (work) => work() }, undefined);

function answer(session: string): AttachAnswer {
  const secrets = { epoch: "epoch", secret: new Uint8Array() };
  const events = { events: [], isContinued: true };
  return { session, secrets, state: STATE, elsewhere: NOTHING_HERE, rules: rules.snapshot(), ...events };
}

function current(head: number, online = 0): Current {
  return { state: { ...STATE, head }, elsewhere: { ...NOTHING_HERE, online }, rules };
}

/** Attaches a sink and delivers one event to it. Resolves once the delivery has ended. */
async function deliver(link: RelayLink, ended: Promise<void>, sink: RelaySink, session: string) {
  link.attach(sink, answer(session), rules.version, 0);
  link.addEntries([{ line: "{}" }]);
  link.flush(current(1), 0);
  await ended;
}

function linked() {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  return { link: new RelayLink({ onChange: () => resolve() }), ended };
}

test("a delivery that is not taken ends the session, and the next session begins without a failure", async () => {
  const { link, ended } = linked();
  await deliver(link, ended, { deliver: () => Promise.reject(new Error("the relay is gone")) }, "one");
  expect([link.isAttached, link.takeLost()]).toEqual([false, true]);
  link.attach({ deliver: async () => {} }, answer("two"), rules.version, 0);
  expect([link.isAttached, link.takeLost()]).toEqual([true, false]);
});

test("a delivery that is taken is no failure", async () => {
  const { link, ended } = linked();
  await deliver(link, ended, { deliver: async () => {} }, "one");
  expect([link.isAttached, link.takeLost()]).toEqual([true, false]);
});

test("a relay that takes no delivery for 10 s has failed", async () => {
  const { link } = linked();
  link.attach({ deliver: () => new Promise(() => {}) }, answer("one"), rules.version, 0);
  link.addEntries([{ line: "{}" }]);
  link.flush(current(1), 0);
  link.flush(current(1), 9_999);
  expect(link.takeLost()).toBe(false);
  link.flush(current(1), 10_000);
  expect([link.isAttached, link.takeLost()]).toEqual([false, true]);
});

test("says which connections are elsewhere once, and again when they change", async () => {
  const link = new RelayLink({ onChange: () => {} });
  const deliveries: Delivery[] = [];
  const deliver = async (delivery: Delivery) => void deliveries.push(delivery);
  link.attach({ deliver }, answer("one"), rules.version, 0);
  const flush = async (online: number, now: number) => {
    link.addEntries([{ line: "{}" }]);
    link.flush(current(1, online), now);
    await new Promise((resolve) => setImmediate(resolve));
  };
  await flush(0, 1);
  await flush(2, 2);
  await flush(2, 3);
  expect(deliveries.map(({ elsewhere }) => elsewhere?.online)).toEqual([undefined, 2, undefined]);
});
