// Holds that whoever goes on typing is told of again before readers forget them.
import { expect, test } from "vitest";
import { TYPING_REPEAT_MS, TYPING_TIMEOUT_MS } from "../../../src/protocol/index.ts";
import { Typing } from "../../../src/room/typing.ts";

test("someone who goes on typing is told of again within 6 s each time, and not more often than every 2 s", () => {
  const typing = new Typing();
  const toldAt: number[] = [];
  let saidAt = Number.NEGATIVE_INFINITY;
  for (let now = 0; now <= 30_000; now += 100) {
    if (now - saidAt >= TYPING_REPEAT_MS) {
      typing.start("ann", now);
      saidAt = now;
    }
    typing.expire(now);
    const line = typing.takeLine(now);
    if (line === null) continue;
    expect(line.users).toEqual(["ann"]);
    toldAt.push(now);
  }
  const pauses = toldAt.slice(1).map((at, index) => at - (toldAt[index] ?? 0));
  expect(pauses.length).toBeGreaterThan(4);
  for (const pause of pauses) {
    expect(pause).toBeLessThan(TYPING_TIMEOUT_MS);
    expect(pause).toBeGreaterThanOrEqual(2_000);
  }
});

test("someone who says every moment that they type is told of every 2 s, and once more when they stop", () => {
  const typing = new Typing();
  let lines = 0;
  for (let now = 0; now < 10_000; now += 50) {
    typing.start("ann", now);
    if (typing.takeLine(now) !== null) lines += 1;
  }
  expect(lines).toBe(5);
  typing.expire(20_000);
  expect(typing.takeLine(20_000)).toEqual({ type: "typing", users: [] });
  expect(typing.takeLine(30_000)).toBeNull();
  expect(typing.dueAt).toBeNull();
});
