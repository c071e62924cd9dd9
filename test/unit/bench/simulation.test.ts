// The simulation of a large room: what it counts, and how it answers to its assumptions.
import { describe, expect, test } from "vitest";
import { COSTS, PRICES, REGIONS } from "../../bench/simulation/assumptions.ts";
import { costOfHour } from "../../bench/simulation/cost.ts";
import { type Setting, simulate } from "../../bench/simulation/simulation.ts";
import { Histogram, Thread, Timeline } from "../../bench/simulation/thread.ts";

const SMALL: Setting = {
  ...{ regions: REGIONS.map((region) => ({ ...region, people: region.people / 10 })), home: "weur" },
  ...{ inRoom: 500, relaySize: 1_000, rate: 5, seconds: 60, costs: COSTS, underWay: 1, seed: 7 },
};
const PEOPLE = 10_000;

describe("simulate", () => {
  test("delivers every message to every reader once, at low and high rates", () => {
    for (const change of [{ rate: 1 }, { rate: 50, underWay: 8 }, { rate: 2_000 }]) {
      const { sent, delivered } = simulate({ ...SMALL, ...change, seconds: 5 });
      expect(sent).toBeGreaterThan(0);
      expect(delivered).toBe(sent * PEOPLE);
    }
  });

  test("returns the same for the same seed", () => {
    expect(simulate(SMALL)).toEqual(simulate(SMALL));
    expect(simulate(SMALL)).not.toEqual(simulate({ ...SMALL, seed: 8 }));
  });

  test("loads a relay twice as much if frames cost twice as much", () => {
    const setting = { ...SMALL, rate: 2, inRoom: 0 };
    const before = simulate(setting);
    const after = simulate({ ...setting, costs: { ...COSTS, frame: 2 * COSTS.frame } });
    expect(after.relay.cpu / before.relay.cpu).toBeGreaterThan(1.7);
    expect(after.relay.cpu / before.relay.cpu).toBeLessThan(2.1);
    expect(after.room.cpu / before.room.cpu).toBeCloseTo(1, 1);
  });

  test("loads the room by its own connections only", () => {
    const none = simulate({ ...SMALL, inRoom: 0 });
    const some = simulate(SMALL);
    expect(none.room.connections).toBe(0);
    expect(none.room.cpu).toBeLessThan(some.room.cpu / 5);
  });

  test("spreads the connections over as many relays as their size needs", () => {
    const { relays, room, relay } = simulate(SMALL);
    // 2,375, 1,425, 2,375, 2,375 and 950 outside of the room.
    expect(relays).toBe(3 + 2 + 3 + 3 + 1);
    expect(room.connections).toBe(500);
    expect(relay.connections).toBeLessThanOrEqual(1_000);
  });

  test("readers near the room receive earlier than those far away", () => {
    const { latency } = simulate({ ...SMALL, inRoom: 0 });
    expect(latency.get("weur")?.p50).toBeLessThan(latency.get("apac")?.p50 ?? 0);
    expect(latency.get("weur")?.p50).toBeLessThan(latency.get("weur")?.p99 ?? 0);
  });

  test("no message is faster than the shortest way", () => {
    const regions = REGIONS.filter(({ name }) => name === "sam");
    const costs = { frame: 0, messageInFrame: 0, command: 0, commit: 0, call: 0, delivery: 0 };
    const { latency } = simulate({ ...SMALL, regions, home: "sam", inRoom: 0, costs });
    // Twice within the region, and until the write is durable.
    expect(latency.get("sam")?.p50).toBeGreaterThan(15);
    expect(latency.get("sam")?.p50).toBeLessThan(60);
  });
});

describe("costOfHour", () => {
  test("an hour of silence costs what the objects cost that are awake", () => {
    const { duration, rows } = costOfHour({ people: 0, rate: 0, relays: 40, callsToRoom: 0 });
    expect(duration).toBeCloseTo(41 * 0.128 * 3_600 * PRICES.gigabyteSecond, 6);
    expect(rows).toBe(0);
  });

  test("a message costs two rows, and a call to the room one request", () => {
    const quiet = costOfHour({ people: 100, rate: 0, relays: 1, callsToRoom: 0 });
    const busy = costOfHour({ people: 100, rate: 10, relays: 1, callsToRoom: 10 });
    expect(busy.rows).toBeCloseTo(0.072, 6);
    expect(busy.requests - quiet.requests).toBeCloseTo(36_000 * 1.05 * PRICES.request, 9);
  });
});

describe("its parts", () => {
  test("a thread does one job after the other", () => {
    const thread = new Thread();
    expect([thread.run(0, 10), thread.run(5, 10), thread.run(100, 1)]).toEqual([10, 20, 101]);
    expect(thread.busy).toBe(21);
  });

  test("a timeline runs events by time, and those of one time in their order", () => {
    const timeline = new Timeline();
    const ran: string[] = [];
    for (const [at, name] of [
      [5, "c"],
      [1, "a"],
      [5, "d"],
      [3, "b"],
    ] as const)
      timeline.add(at, () => {
        ran.push(name);
        if (name === "b") timeline.add(4, () => ran.push("between"));
      });
    timeline.run();
    expect(ran).toEqual(["a", "b", "between", "c", "d"]);
  });

  test("a histogram returns the nearest rank", () => {
    const histogram = new Histogram();
    for (let ms = 1; ms <= 100; ms += 1) histogram.add(ms);
    expect([histogram.percentile(0.5), histogram.percentile(0.99), histogram.percentile(1)]).toEqual([
      50, 99, 100,
    ]);
    expect(new Histogram().percentile(0.5)).toBeNaN();
  });
});
