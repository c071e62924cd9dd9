// Runs the fault tests at full size (`npm run test:fault`); arguments choose files. `SEED` repeats a run, and
// `FAULT_SIZE=short` gives the size that `npm test` has.
import { startVitest } from "vitest/node";

process.env.FAULT_SIZE ??= "full";
await startVitest("test", process.argv.slice(2), {
  config: "test/vitest.config.ts",
  project: ["fault"],
  run: true,
  // One after another: together they would only take the machine from each other.
  fileParallelism: false,
});
