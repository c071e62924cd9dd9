/** Room names: each room has one canonical name, so that one name is one Durable Object. */
import { INVISIBLE } from "./invisible.ts";

/** The room of `/` and `/ws`. */
export const DEFAULT_ROOM = "lobby";

/** 1 to 64 code points: letters, marks and numbers of any script, `-` and `_`. */
const VALID = /^[\p{L}\p{M}\p{N}_-]{1,64}$/u;

/**
 * Returns the canonical name of a room: decoded once, NFC, lower case.
 *
 * @param segment - one segment of a URL's path, percent-encoded
 * @returns `null` if the segment is not a valid name
 */
export function canonicalRoomName(segment: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(segment);
  } catch {
    return null; // a stray `%`, or bytes that are not UTF-8
  }
  // Lower-casing can produce a sequence that composes, so the name is normalised again.
  const name = decoded.normalize("NFC").toLowerCase().normalize("NFC");
  // Two names that look the same must not be two rooms.
  return VALID.test(name) && name.search(INVISIBLE) < 0 ? name : null;
}

/** Returns the path of a room's page as the address bar shows it. `room` is canonical. */
export function roomPath(room: string): string {
  return room === DEFAULT_ROOM ? "/" : `/r/${encodeURIComponent(room)}`;
}

/** Returns the canonical name of the room whose page has the path `path`, or `null`. */
export function roomOfPath(path: string): string | null {
  if (path === "/") return DEFAULT_ROOM;
  const segment = /^\/r\/([^/]+)$/.exec(path)?.[1];
  return segment === undefined ? null : canonicalRoomName(segment);
}

/** Returns the path of a room's WebSocket. `room` is canonical. */
export function socketPath(room: string): string {
  return `/ws/${encodeURIComponent(room)}`;
}
