// The test runner's configuration: one project for each way a test can run. They share the workers, so that unit
// tests run while tests with servers and browsers wait. Projects start in the order of their names, and files by
// the duration of earlier runs or, without any, by size: e2e and fault tests, which take longest, start first. A file
// that only waits starts before all others, else the other workers would wait for it at the end.
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { hasMemoryFolder, MEMORY_FOLDER } from "./helpers/memory-folder.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Files that run at the same time: one more than there are cores, because a few of them wait most of the time. */
const WORKERS = 3;

// The tests start Node about a hundred times. With a cache of compiled code, a service starts in half of the CPU time.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../.tmp/compile-cache", import.meta.url));

// Rooms and browser profiles of tests are short-lived: to write them to a disk takes CPU time from other tests.
if (hasMemoryFolder()) process.env.TMPDIR ??= MEMORY_FOLDER;

/** Files that take minutes and little CPU time. */
const WAITING = ["test/e2e/quiet-room.test.ts"].map((path) =>
  fileURLToPath(new URL(`../${path}`, import.meta.url)),
);

/** Starts the files that only wait first. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isWaiting = ({ moduleId }: TestSpecification): boolean => WAITING.includes(moduleId);
    return [...sorted.filter(isWaiting), ...sorted.filter((file) => !isWaiting(file))];
  }
}

export default defineConfig({
  root,
  test: {
    sequence: { sequencer: WaitingFirst },
    projects: [
      {
        // Pure code, in Node.
        root,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.{ts,tsx}"],
          maxWorkers: WORKERS,
          // The files share no state, and most take less time than a new process.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        // The Worker and its Durable Objects, inside workerd.
        root,
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            // A bucket that no room uses: tests give it to one.
            miniflare: { r2Buckets: ["TEST_BUCKET"] },
          }),
        ],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          exclude: ["test/worker/relays/**"],
          maxWorkers: WORKERS,
          // Each test uses its own room.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        // The same with rooms that have relays from the third connection on, and relays of three.
        root,
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { RELAY_AFTER: "2", RELAY_SIZE: "3" } },
          }),
        ],
        test: {
          name: "relays",
          include: ["test/worker/relays/**/*.test.ts"],
          maxWorkers: WORKERS,
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        // A running service from outside: browsers, sockets, HTTP.
        root,
        test: {
          name: "e2e",
          globalSetup: ["test/helpers/browser.ts", "test/helpers/shared-services.ts"],
          include: ["test/e2e/**/*.test.ts"],
          // Several browsers share few cores: a step that comes too late for a test's assumption is tried once more.
          retry: 1,
          maxWorkers: WORKERS,
          // The files of a process share a browser, and none changes what others use.
          isolate: false,
          testTimeout: 180_000,
          expect: { poll: { timeout: 20_000 } },
          hookTimeout: 120_000,
        },
      },
      {
        // A running service that is killed, overloaded and disconnected.
        root,
        test: {
          name: "fault",
          globalSetup: ["test/fault/summary.ts"],
          include: ["test/fault/**/*.test.ts"],
          maxWorkers: WORKERS,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
