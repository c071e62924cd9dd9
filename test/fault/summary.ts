// Collects the figures of all fault tests and prints them after the last test.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** File to which the figures are appended. */
    figures: string;
    /** Seed of the run. */
    seed: number;
  }
}

/** Runs before the first test. The returned function runs after the last. */
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
    if (lines !== "") console.log(`\nFault tests, SEED=${seed}\n${lines}`);
  };
}
