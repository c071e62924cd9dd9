// Holds who is shown as present and as typing.
import { expect, test } from "vitest";
import {
  applyPresence,
  NOBODY_TYPES,
  type Presence,
  typingNow,
  typingStill,
  welcomePresence,
} from "../../src/client/presence.ts";
import { welcomeLine } from "../helpers/server-lines.ts";

const ada = { user: "u1", name: "Ada" };
const bob = { user: "u2", name: "Bob" };
const cy = { user: "u3", name: "Cy" };

function presenceOf(...members: { user: string; name: string }[]): Presence {
  return welcomePresence(welcomeLine({ online: members.length, members }));
}

test("people come, go and change their names", () => {
  const before = presenceOf(ada, bob);
  const after = applyPresence(before, {
    type: "presence",
    online: 2,
    join: [cy, { user: "u2", name: "Aaron" }],
    leave: ["u1", "nobody"],
  });
  expect(after).toEqual({ online: 2, members: [{ user: "u2", name: "Aaron" }, cy] });
  expect(before.members).toEqual([ada, bob]);
});

test("a count alone changes no list while there are few enough to list", () => {
  expect(applyPresence(presenceOf(ada, bob), { type: "presence", online: 2 }).members).toEqual([ada, bob]);
});

test("too many people are counted, and listed again once all are named anew", () => {
  const crowd = applyPresence(presenceOf(ada, bob), { type: "presence", online: 201 });
  expect(crowd).toEqual({ online: 201, members: null });
  expect(applyPresence(crowd, { type: "presence", online: 200, leave: ["u1"] }).members).toBeNull();
  expect(applyPresence(crowd, { type: "presence", online: 200, join: [cy] }).members).toBeNull();
  expect(applyPresence(crowd, { type: "presence", online: 2, join: [bob, ada] }).members).toEqual([bob, ada]);
});

test("those who type are the others, until 6 s after they were last heard of", () => {
  const typing = typingNow(["u1", "me", "u2"], "me", 1_000);
  expect(typing.users).toEqual(["u1", "u2"]);
  expect(typingStill(typing, 6_999)).toBe(typing);
  expect(typingStill(typing, 7_000)).toBe(NOBODY_TYPES);
  expect(typingNow(["me"], "me", 1_000)).toBe(NOBODY_TYPES);
});
