// The order of the list of rooms.
import { expect, test } from "vitest";
import { keptOrder, orderOf } from "../../../src/page/state/room-order.ts";
import type { Visit } from "../../../src/page/storage/visits.ts";

function visit(room: string, { at, added, last }: { at: number; added: number; last?: number }): Visit {
  const message = { seq: 1, user: "u", name: "Ann", text: "hello" };
  return {
    room,
    epoch: "e",
    seq: 0,
    user: "u",
    at,
    added,
    ...(last === undefined ? {} : { last: { ...message, at: last } }),
  };
}

test("orders rooms by their latest message, and rooms without one by their first visit", () => {
  const visits = [
    visit("quiet", { at: 90, added: 10, last: 20 }),
    visit("new", { at: 50, added: 50 }),
    visit("busy", { at: 30, added: 5, last: 80 }),
  ];
  expect(orderOf(visits, "activity")).toEqual(["busy", "new", "quiet"]);
});

test("ignores messages and later visits in the fixed order", () => {
  const visits = [
    visit("first", { at: 90, added: 10, last: 95 }),
    visit("second", { at: 50, added: 20 }),
    visit("third", { at: 30, added: 30 }),
  ];
  expect(orderOf(visits, "fixed")).toEqual(["third", "second", "first"]);
});

test("keeps the shown order, with new rooms first and without removed ones", () => {
  expect(keptOrder(["a", "b", "c"], ["c", "d", "a"])).toEqual(["d", "a", "c"]);
});
