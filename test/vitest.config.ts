// The test runner's configuration: one project for each way a test can run. All share the same workers: those
// that start servers and browsers wait a lot, and the fast ones fill what they leave.
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Files at once: more than cores, since most of them wait most of the time. */
const WORKERS = 5;

/** The longest, from the longest on: begun late, they would run alone at the end. */
const LONGEST = [
  ...["page-access", "page-room", "quiet-room", "page-writing", "page-timeline", "page-everywhere"],
  ...["page-attention", "page-message", "serve", "bench", "slow-reader", "resume", "chat", "client"],
].map((name) => `/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      if (project.name === "unit") return LONGEST.length + 2;
      if (project.name === "worker") return LONGEST.length + 1;
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  root,
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Pure code, in Node.
        root,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.{ts,tsx}"],
          maxWorkers: WORKERS,
          // They share nothing that one could leave behind, and most take less time than a fresh process.
          isolate: false,
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
          maxWorkers: WORKERS,
          // Each test has a room of its own.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        // A running service, seen from outside: browsers, sockets, HTTP.
        root,
        test: {
          name: "e2e",
          globalSetup: ["test/helpers/browser.ts"],
          include: ["test/e2e/**/*.test.ts"],
          maxWorkers: WORKERS,
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
          maxWorkers: WORKERS,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
