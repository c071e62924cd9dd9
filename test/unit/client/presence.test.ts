// The people shown as online and as typing.
import { expect, test } from "vitest";
import {
  applyPresence,
  expireTyping,
  NOBODY_TYPES,
  type PresenceState,
  receiveTyping,
  welcomePresence,
} from "../../../src/client/presence.ts";
import { welcomeLine } from "../../helpers/server-lines.ts";

const ada = { user: "u1", name: "Ada" };
const bob = { user: "u2", name: "Bob" };
const cy = { user: "u3", name: "Cy" };

function presenceOf(...members: { user: string; name: string }[]): PresenceState {
  return welcomePresence(welcomeLine({ online: members.length, members }));
}

test("a presence line adds, removes and renames members", () => {
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

test("a count alone keeps the list while there are few enough members to list", () => {
  expect(applyPresence(presenceOf(ada, bob), { type: "presence", online: 2 }).members).toEqual([ada, bob]);
});

test("too many members are only counted, and listed again once a line names all", () => {
  const crowd = applyPresence(presenceOf(ada, bob), { type: "presence", online: 201 });
  expect(crowd).toEqual({ online: 201, members: null });
  expect(applyPresence(crowd, { type: "presence", online: 200, leave: ["u1"] }).members).toBeNull();
  expect(applyPresence(crowd, { type: "presence", online: 200, join: [cy] }).members).toBeNull();
  expect(applyPresence(crowd, { type: "presence", online: 2, join: [bob, ada] }).members).toEqual([bob, ada]);
});

test("the list of typing users leaves out the own one and expires after 6 s", () => {
  const typing = receiveTyping(["u1", "me", "u2"], "me", 1_000);
  expect(typing.users).toEqual(["u1", "u2"]);
  expect(expireTyping(typing, 6_999)).toBe(typing);
  expect(expireTyping(typing, 7_000)).toBe(NOBODY_TYPES);
  expect(receiveTyping(["me"], "me", 1_000)).toBe(NOBODY_TYPES);
});
