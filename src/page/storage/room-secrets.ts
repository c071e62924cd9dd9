/**
 * Secrets of rooms, kept in this browser: what makes its user an owner, and what opens a room with a password. They are
 * sent in `hello` and in headers, never in a URL. Only the owner link shows one.
 */
import { roomOfPath } from "../../protocol/room-name.ts";
import { readItem, writeItem } from "./browser-storage.ts";
import { cleanAddress, takeEarlyLink } from "./early-link.ts";

/** 32 bytes as base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** Kinds of secrets, as prefixes of the names under which they are stored. */
const OWNER = "owner:";
/** An owner secret that the room has not confirmed. It replaces the confirmed one only when it is. */
const OFFER = "owner-offer:";
const PROOF = "proof:";

/**
 * Takes the secret of an owner link, `/r/NAME#owner=SECRET`, out of the address bar. Browsers never send the fragment.
 * Call it before anything else reads the address.
 *
 * @returns whether the address was an owner link
 */
export function takeOwnerLink(): boolean {
  const link = takeEarlyLink() ?? location.pathname + location.hash;
  const [path = "", secret] = link.split("#owner=");
  if (secret === undefined) return false;
  cleanAddress();
  const room = roomOfPath(path);
  if (room !== null) offerSecret(room, secret);
  return true;
}

/** Returns the owner secret of `room` that an owner link or a new room offers, as it was given; `null` for none. */
export function offeredSecret(room: string): string | null {
  return readItem(OFFER + room);
}

/** Stores an owner secret that the room has not confirmed; `null` removes it. */
export function offerSecret(room: string, secret: string | null): void {
  writeItem(OFFER + room, secret);
}

/** Returns the owner secret of `room`, or `null` if this browser has none. */
export function ownerSecret(room: string): string | null {
  return readItem(OWNER + room);
}

/** Stores the owner secret of `room`; `null` removes it. */
export function keepOwnerSecret(room: string, secret: string | null): void {
  writeItem(OWNER + room, secret);
}

/** Returns the proof of the password with which `room` was entered last, or `null`. */
export function passwordProof(room: string): string | null {
  const proof = readItem(PROOF + room);
  return proof !== null && isSecret(proof) ? proof : null;
}

/** Stores the proof of the password of `room`; `null` removes it. */
export function keepPasswordProof(room: string, proof: string | null): void {
  writeItem(PROOF + room, proof);
}

/** Returns what a `hello` in `room` carries. */
export function entryOptions(room: string): { owner?: string; password?: string } {
  const owner = [offeredSecret(room), ownerSecret(room)].find((secret) => isSecret(secret ?? ""));
  const password = passwordProof(room);
  return { ...(owner != null && { owner }), ...(password !== null && { password }) };
}
