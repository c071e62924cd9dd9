/** Titles and addresses of rooms. */
import { DEFAULT_ROOM, roomOfPath, roomPath } from "../../protocol/room-name.ts";
import { t } from "../i18n/index.ts";
import { randomToken } from "../storage/settings.ts";
import { titles } from "../storage/visits.ts";

/** A name made by `privateRoomName`. */
const PRIVATE = /^p-[a-z2-7]{26}$/;

/** Returns a name for a new room that nobody can guess: 128 random bits. */
export function privateRoomName(): string {
  return `p-${randomToken()}`;
}

export function isPrivate(room: string): boolean {
  return PRIVATE.test(room);
}

/** Returns the title of a room, or its name as the page shows it. */
export function roomTitle(room: string): string {
  const title = titles.value.get(room);
  if (title !== undefined) return title;
  if (room === DEFAULT_ROOM) return t.value.lobby;
  // A few characters of the name distinguish private rooms from each other.
  return isPrivate(room) ? `${t.value.privateRoom} ${room.slice(2, 6)}` : room;
}

/** Returns the room and the message that a link leads to on this page, or `null` for a link to another page. */
export function roomLink(href: string): { readonly room: string; readonly seq: number | null } | null {
  // Tests render links without a browser.
  if (typeof location === "undefined" || !URL.canParse(href)) return null;
  const url = new URL(href);
  const room = url.origin === location.origin ? roomOfPath(url.pathname) : null;
  return room === null ? null : { room, seq: seqOf(url) };
}

/** Returns the full address of a room, or of one of its messages. */
export function roomAddress(room: string, seq?: number): string {
  return location.origin + roomPath(room) + (seq === undefined ? "" : `#${seq}`);
}

/** Returns the seq of the message that an address links to, or `null` for the address of a room. */
export function seqOf({ hash }: { readonly hash: string }): number | null {
  const seq = /^#(\d{1,15})$/.exec(hash)?.[1];
  return seq === undefined ? null : Number(seq);
}
