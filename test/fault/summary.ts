// The summary: collects the figures of all fault tests and prints them once, when the last has ended.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** File that takes the figures. */
    figures: string;
    /** Seed of the run. */
    seed: number;
  }
}

/** Runs before the first test; what it returns runs after the last. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "edge-chat-figures-"));
  const figures = join(folder, "figures.txt");
  writeFileSync(figures, "");
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  project.provide("figures", figures);
  project.provide("seed", seed);
  return () => {
    const lines = readFileSync(figures, "utf8");
    rmSync(folder, { recursive: true });
    if (lines !== "") console.log(`\nFaults survived, SEED=${seed}\n${lines}`);
  };
}
