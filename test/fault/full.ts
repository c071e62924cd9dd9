// `npm run test:fault`: the fault tests at full size. Arguments select files, `SEED` repeats a run, and
// `FAULT_SIZE=short` uses the size of `npm test`.
import { startVitest } from "vitest/node";

process.env.FAULT_SIZE ??= "full";
await startVitest("test", process.argv.slice(2), {
  config: "test/vitest.config.ts",
  project: ["fault"],
  run: true,
  // At the same time they would compete for the machine.
  fileParallelism: false,
});
