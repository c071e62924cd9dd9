// How large a run is, and where its figures go: they are printed together at the end.
import { appendFileSync } from "node:fs";
import { inject } from "vitest";

/** `FAULT_SIZE=full` is the whole proof; otherwise a run is as short as each push can bear. */
export const IS_FULL = process.env.FAULT_SIZE === "full";

/** The size for a full run, or the one for a short one. */
export function sized<T>(full: T, short: T): T {
  return IS_FULL ? full : short;
}

/** Keeps a line of figures for the summary. */
export function report(title: string, figures: Readonly<Record<string, number>>): void {
  const told = Object.entries(figures).map(([name, value]) => `${value.toLocaleString("en")} ${name}`);
  appendFileSync(inject("figures"), `${title}: ${told.join(", ")}\n`);
}
