// The size of a run, and its figures, which are printed together at the end.
import { appendFileSync } from "node:fs";
import { inject } from "vitest";

/** `npm run test:fault` sets `full`; `npm test` runs the short size. */
const IS_FULL = process.env.FAULT_SIZE === "full";

/** Returns `full` in a full run, else `short`. */
export function sized<T>(full: T, short: T): T {
  return IS_FULL ? full : short;
}

/** Adds a line of figures to the summary. */
export function report(title: string, figures: Readonly<Record<string, number>>): void {
  const parts = Object.entries(figures).map(([name, value]) => `${value.toLocaleString("en")} ${name}`);
  appendFileSync(inject("figures"), `${title}: ${parts.join(", ")}\n`);
}
