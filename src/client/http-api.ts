/** HTTP API: the addresses of a room over HTTP, and the headers that identify the user. */
import { DEFAULT_ROOM } from "../protocol/room-name.ts";

/** Secrets identify the user over HTTP. */
export interface Secrets {
  readonly key: string;
  readonly entry: { readonly password?: string | undefined };
}

/** Returns the URL of `path` in the HTTP API of the room whose socket has the URL `socket`. */
export function apiUrl(socket: string, path: string): string {
  const [, base, room = DEFAULT_ROOM] = /^ws(.*)\/ws(?:\/([^/?]+))?(?:\?.*)?$/.exec(socket) ?? [];
  if (base === undefined)
    throw new TypeError(`${socket} has no path /ws/:room, so its HTTP API is not known`);
  return `http${base}/api/rooms/${room}/${path}`;
}

export function apiHeaders({ key, entry: { password } }: Secrets): Record<string, string> {
  return { Authorization: `Bearer ${key}`, ...(password !== undefined && { "X-Room-Password": password }) };
}
