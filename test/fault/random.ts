// Random numbers from a seed, so that a run can be repeated.
import { inject } from "vitest";

/** Random is a source of numbers from 0 up to 1. */
export type Random = () => number;

/** A random source from the run's seed. Each `purpose` has its own, so that they do not affect each other. */
export function seeded(purpose: string): Random {
  const seed = inject("seed");
  let state = [...`${seed} ${purpose}`].reduce(
    (hash, char) => Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x85ebca6b) >>> 0,
    0x9e3779b9,
  );
  return () => {
    // A Weyl sequence with an xor-multiply finaliser.
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `min` to `max`. */
export function between(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}
