// The test runner's configuration: one project for each way a test can run. The fast projects go first, two
// files at once; those that start servers follow, five files at once, since they wait a lot.
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A real silence of a minute and a half is in it: begun last, all others would be done long before it. */
const LONGEST_WAIT = "quiet-room.test.ts";

class LongestWaitFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith(LONGEST_WAIT);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

export default defineConfig({
  root,
  test: {
    sequence: { sequencer: LongestWaitFirst },
    projects: [
      {
        // Pure code, in Node.
        root,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.{ts,tsx}"],
          // Left to itself the runner takes one on two cores, and puts these after all others.
          maxWorkers: 2,
          testTimeout: 60_000,
        },
      },
      {
        // The Worker and its Durable Objects, inside workerd.
        root,
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          maxWorkers: 2,
          testTimeout: 60_000,
        },
      },
      {
        // A running service, seen from outside: browsers, sockets, HTTP.
        root,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          maxWorkers: 5,
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          expect: { poll: { timeout: 20_000 } },
          hookTimeout: 120_000,
        },
      },
      {
        // A running service that is killed, starved and cut off.
        root,
        test: {
          name: "fault",
          globalSetup: ["test/fault/summary.ts"],
          include: ["test/fault/**/*.test.ts"],
          maxWorkers: 5,
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
