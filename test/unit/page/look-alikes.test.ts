// Users whose names look alike.
import { beforeAll, expect, test } from "vitest";
import type { TimelineMessage } from "../../../src/client/index.ts";
import { LookAlikes } from "../../../src/page/state/look-alikes.ts";
import { loadSkeleton } from "../../../src/page/text/skeleton.ts";

beforeAll(loadSkeleton);

function message(seq: number, user: string, name: string): TimelineMessage {
  return { type: "message", seq, at: seq, user, name, text: "", reactions: {} };
}

test("finds people present whose names look alike", () => {
  const found = new LookAlikes();
  found.addPeople([
    { user: "a", name: "Ann" },
    { user: "b", name: "Bob" },
    // With a Cyrillic first letter.
    { user: "c", name: "Аnn" },
  ]);
  expect([...found.users.value].sort()).toEqual(["a", "c"]);
});

test("keeps look-alikes after one leaves or takes another name", () => {
  const found = new LookAlikes();
  found.addPeople([{ user: "a", name: "Ann" }]);
  found.addPeople([{ user: "c", name: "ann" }]);
  found.addPeople([{ user: "c", name: "Carl" }]);
  expect([...found.users.value].sort()).toEqual(["a", "c"]);
});

test("finds authors of loaded messages, wherever they are inserted", () => {
  const found = new LookAlikes();
  const [one, two, three, four] = [
    message(5, "a", "Ann"),
    message(9, "b", "Bob"),
    message(2, "c", "bob"),
    message(7, "d", "ANN"),
  ];
  found.addAuthors([one, two]);
  expect(found.users.value.size).toBe(0);
  found.addAuthors([three, one, two]);
  expect([...found.users.value].sort()).toEqual(["b", "c"]);
  found.addAuthors([three, one, four, two]);
  expect([...found.users.value].sort()).toEqual(["a", "b", "c", "d"]);
  found.addAuthors([three, one, four, two, message(12, "e", "Bob")]);
  expect(found.users.value.has("e")).toBe(true);
});

test("does not compare the names of one user with each other", () => {
  const found = new LookAlikes();
  found.addAuthors([message(1, "a", "Ann"), message(2, "a", "ann")]);
  expect(found.users.value.size).toBe(0);
});
