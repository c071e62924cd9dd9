/** Room names: one canonical spelling for each room, so that one name is one Durable Object. */

/** The room of `/` and `/ws`. */
export const DEFAULT_ROOM = "lobby";

/** 1 to 64 code points: letters, marks and numbers of any script, `-` and `_`. */
const VALID = /^[\p{L}\p{M}\p{N}_-]{1,64}$/u;

/**
 * Canonical name of the room that a path segment names: decoded once, NFC, lower case.
 *
 * @param segment - one segment of a URL's path, still percent-encoded
 * @returns the canonical name, or `null` where the segment names no room
 */
export function canonicalRoomName(segment: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(segment);
  } catch {
    return null; // a stray `%`, or bytes that are not UTF-8
  }
  // Lower-casing can leave a sequence that composes, so it is normalised after as well as before.
  const name = decoded.normalize("NFC").toLowerCase().normalize("NFC");
  return VALID.test(name) ? name : null;
}

/** Path of a room's page, as a browser's address bar has it. `room` is canonical. */
export function roomPath(room: string): string {
  return room === DEFAULT_ROOM ? "/" : `/r/${encodeURIComponent(room)}`;
}

/** Path of a room's WebSocket. `room` is canonical. */
export function socketPath(room: string): string {
  return `/ws/${encodeURIComponent(room)}`;
}
