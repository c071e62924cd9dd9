/** Presence: who is in the room and who is typing, as pure reducers of what the server says. */

import { MAX_MEMBERS_LISTED, TYPING_TIMEOUT_MS } from "../protocol/limits.ts";
import type { Member, PresenceLine, WelcomeLine } from "../protocol/server-lines.ts";

/** Presence is immutable. */
export interface Presence {
  /** People, not sockets. */
  readonly online: number;
  /** In no order: that of names depends on the reader's language. `null` where they are too many to list. */
  readonly members: readonly Member[] | null;
}

export const NOBODY: Presence = { online: 0, members: [] };

export function welcomePresence({ online, members }: WelcomeLine): Presence {
  return { online, members };
}

export function applyPresence(presence: Presence, line: PresenceLine): Presence {
  const { online, join = [], leave = [] } = line;
  if (join.length === 0 && leave.length === 0) {
    return { online, members: online > MAX_MEMBERS_LISTED ? null : presence.members };
  }
  // A list that was too long is known again once everybody is named anew.
  if (presence.members === null) return { online, members: join.length === online ? join : null };
  const members = new Map(presence.members.map((member) => [member.user, member]));
  for (const user of leave) members.delete(user);
  for (const member of join) members.set(member.user, member);
  return { online, members: [...members.values()] };
}

/** Typing is the list told last, without oneself, and when it is too old to be believed, Unix ms. */
export interface Typing {
  readonly users: readonly string[];
  readonly until: number;
}

export const NOBODY_TYPES: Typing = { users: [], until: Number.POSITIVE_INFINITY };

/** The list that the server tells now, Unix ms. */
export function typingNow(users: readonly string[], you: string | undefined, now: number): Typing {
  const others = users.filter((user) => user !== you);
  return others.length === 0 ? NOBODY_TYPES : { users: others, until: now + TYPING_TIMEOUT_MS };
}

/** Who still types at `now`, Unix ms. */
export function typingStill(typing: Typing, now: number): Typing {
  return now < typing.until ? typing : NOBODY_TYPES;
}
