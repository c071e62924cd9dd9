// The link of a room to one relay.
import { expect, test } from "vitest";
import type { FeedState, RelaySink } from "../../../src/room/feed.ts";
import { NOTHING_HERE, RelayLink } from "../../../src/room/relay-link.ts";
import type { RulesSnapshot } from "../../../src/room/rules.ts";

const STATE: FeedState = {
  ...{ epoch: "epoch", isStored: true, head: 0, pruned: 0, oldestMessage: null },
  ...{ elsewhere: NOTHING_HERE, isDraining: false },
};

const noRules = (): RulesSnapshot => {
  throw new Error("the rules have not changed");
};

/** Attaches a sink and delivers one event to it. Resolves once the delivery has ended. */
async function deliver(link: RelayLink, ended: Promise<void>, sink: RelaySink, session: string) {
  link.attach(session, sink, STATE, 1, 0);
  link.addEntries([{ line: "{}" }]);
  link.flush({ ...STATE, head: 1 }, 1, noRules, 0);
  await ended;
}

function linked() {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  return { link: new RelayLink("relay", { onChange: () => resolve() }), ended };
}

test("a delivery that is not taken ends the session, and the next session begins without a failure", async () => {
  const { link, ended } = linked();
  await deliver(link, ended, { deliver: () => Promise.reject(new Error("the relay is gone")) }, "one");
  expect([link.isAttached, link.takeLost()]).toEqual([false, true]);
  link.attach("two", { deliver: async () => {} }, STATE, 1, 0);
  expect([link.isAttached, link.takeLost()]).toEqual([true, false]);
});

test("a delivery that is taken is no failure", async () => {
  const { link, ended } = linked();
  await deliver(link, ended, { deliver: async () => {} }, "one");
  expect([link.isAttached, link.takeLost()]).toEqual([true, false]);
});

test("a relay that takes no delivery for 10 s has failed", async () => {
  const { link } = linked();
  link.attach("one", { deliver: () => new Promise(() => {}) }, STATE, 1, 0);
  link.addEntries([{ line: "{}" }]);
  link.flush({ ...STATE, head: 1 }, 1, noRules, 0);
  link.flush({ ...STATE, head: 1 }, 1, noRules, 9_999);
  expect(link.takeLost()).toBe(false);
  link.flush({ ...STATE, head: 1 }, 1, noRules, 10_000);
  expect([link.isAttached, link.takeLost()]).toEqual([false, true]);
});
