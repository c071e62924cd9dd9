/**
 * An identity that another device of the user offers by a link. The link carries the key in its fragment, which
 * browsers never send to a server.
 */
import { signal } from "@preact/signals";
import { cleanName } from "../../protocol/display-name.ts";
import { hasIdentity, identityKey, isIdentityKey, ownName } from "../storage/settings.ts";
import { roomAddress } from "./room-names.ts";

export interface OfferedIdentity {
  readonly key: string;
  /** Display name; empty if the user has not chosen one. */
  readonly name: string;
}

/** The identity that the user is asked about. */
export const offeredIdentity = signal<OfferedIdentity | null>(null);

/** Returns the link that offers this browser's identity, and opens `room` on the other device. */
export function identityLink(room: string): string {
  return `${roomAddress(room)}#${new URLSearchParams({ key: identityKey(), name: ownName.peek() })}`;
}

/** Moves an offered identity from the address bar to `offeredIdentity`. Call before anything else reads the address. */
export function takeOfferedIdentity(): void {
  if (!location.hash.startsWith("#key=")) return;
  const fields = new URLSearchParams(location.hash.slice(1));
  history.replaceState(history.state, "", location.pathname + location.search);
  const key = fields.get("key") ?? "";
  if (!isIdentityKey(key) || (hasIdentity() && identityKey() === key)) return;
  offeredIdentity.value = { key, name: cleanName(fields.get("name") ?? "") };
}
