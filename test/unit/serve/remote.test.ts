// Objects of other processes: calls that look like those of a namespace.
import { expect, test } from "vitest";
import { appEnv, type BridgeCalls, type BridgeEnv } from "../../../src/serve/worker/remote.ts";

/** A bridge that returns what it is called with. */
function bridge(name: string): BridgeCalls {
  return { call: async (...call) => [name, ...call], setDiskFull: async () => {} };
}

const ENV: BridgeEnv = {
  SERVE: "{}",
  SERVE_DESCRIPTORS: { fetch: () => Promise.reject(new Error("not called")) },
};

/** Calls a method of an object of `env` as the app would. */
async function callOf(env: BridgeEnv, binding: string, object: string, method: string, ...args: unknown[]) {
  const found = Object(Object(env[binding]).getByName(object));
  return found[method](...args);
}

test("one process uses its own objects", () => {
  expect(appEnv(ENV, { process: { type: "alone" } })).toBe(ENV);
});

test("a worker calls the rooms of the sequencer, and has one relay in each room", async () => {
  const given = { ...ENV, SERVE_REMOTE: ["ROOMS", "FILES"], SERVE_SEQUENCER: bridge("sequencer") };
  const env = appEnv(given, { process: { type: "worker", number: 3 } });
  expect(env).toMatchObject({ RELAY: "worker-3" });
  expect(await callOf(env, "ROOMS", "a", "post", 1, "b")).toEqual([
    "sequencer",
    "ROOMS",
    "a",
    "post",
    [1, "b"],
  ]);
  expect(await callOf(env, "FILES", "a", "keep", [])).toEqual(["sequencer", "FILES", "a", "keep", [[]]]);
});

test("the sequencer calls a relay in the worker that has it", async () => {
  const workers = { SERVE_WORKER_1: bridge("one"), SERVE_WORKER_12: bridge("twelve") };
  const given = { ...ENV, SERVE_REMOTE: ["RELAYS"], ...workers };
  const env = appEnv(given, { process: { type: "sequencer", workers: 12 } });
  expect(env).not.toHaveProperty("RELAY");
  const call = ["RELAYS", "a/worker-12", "wake", []];
  expect(await callOf(env, "RELAYS", "a/worker-12", "wake")).toEqual(["twelve", ...call]);
  await expect(async () => callOf(env, "RELAYS", "a/worker-2", "wake")).rejects.toThrow("no worker 2");
});

test("an object of another process is not taken for a promise", async () => {
  const given: BridgeEnv = { ...ENV, SERVE_REMOTE: ["ROOMS"], SERVE_SEQUENCER: bridge("sequencer") };
  const env = appEnv(given, { process: { type: "worker", number: 1 } });
  const object = Object(env.ROOMS).getByName("a");
  expect(await Promise.resolve(object)).toBe(object);
});
