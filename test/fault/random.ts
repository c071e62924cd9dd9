// Chance with a seed, so that what a run did to the service can be done again.
import { inject } from "vitest";

/** Random is a source of numbers from 0 up to 1. */
export type Random = () => number;

/** A source of the run's seed for each `purpose`, so that one's use does not shift another's. */
export function seeded(purpose: string): Random {
  const seed = inject("seed");
  let state = [...`${seed} ${purpose}`].reduce(
    (hash, char) => Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x85ebca6b) >>> 0,
    0x9e3779b9,
  );
  return () => {
    // Weyl sequence through a finaliser of xor and multiply.
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `least` to `most`. */
export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}
