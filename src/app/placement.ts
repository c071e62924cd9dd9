/** Placement: which relay of a large room takes a connection. Pure. */

/** Where Cloudflare places an object, as its location hints name it. */
export type Region = DurableObjectLocationHint | "any";

/** How long, in ms, an answer of a room holds: it says which relays take connections. */
const VALID_MS = 10_000;
/** Rooms whose answers are kept. Beyond it the oldest is forgotten. */
const MAX_ROOMS = 1_000;

/** Origin is what Cloudflare knows of where a request comes from. */
export interface Origin {
  readonly continent?: unknown;
  readonly longitude?: unknown;
}

/** Returns the region of a client. It is `"any"` if nothing is known. */
export function regionOf({ continent, longitude }: Origin): Region {
  const east = Number(longitude ?? Number.NaN);
  switch (continent) {
    case "NA":
      return east < -100 ? "wnam" : "enam";
    case "SA":
      return "sam";
    case "EU":
      return east > 20 ? "eeur" : "weur";
    case "AF":
      return "afr";
    case "AS":
      return east < 60 ? "me" : "apac";
    case "OC":
      return "oc";
    default:
      return "any";
  }
}

/**
 * Chooses a relay by the client's address, so that the connections of one user usually join the same relay. Another
 * relay in the list changes the choice for few addresses.
 */
export function choose(relays: readonly string[], address: string): string | null {
  let best: string | null = null;
  let highest = -1;
  for (const relay of relays) {
    const weight = hash(`${relay} ${address}`);
    if (weight <= highest) continue;
    highest = weight;
    best = relay;
  }
  return best;
}

/** Placements are the answers of rooms, as long as they hold. */
export class Placements {
  readonly #known = new Map<string, { readonly relays: readonly string[]; readonly until: number }>();

  /** Returns the relays of a room in a region, or `null` if the room must be asked. `now` is Unix ms. */
  get(room: string, region: Region, now: number): readonly string[] | null {
    const known = this.#known.get(`${region} ${room}`);
    return known !== undefined && now < known.until ? known.relays : null;
  }

  set(room: string, region: Region, relays: readonly string[], now: number): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_ROOMS && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(`${region} ${room}`, { relays, until: now + VALID_MS });
  }

  delete(room: string, region: Region): void {
    this.#known.delete(`${region} ${room}`);
  }
}

/** FNV-1a of 32 bits with a final mix: similar texts must get unrelated numbers. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
