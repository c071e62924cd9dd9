/** Presence and typing: pure reducers of the server's lines, and the throttle of the client's own typing. */
import { MAX_MEMBERS_LISTED, TYPING_TIMEOUT_MS } from "../protocol/limits.ts";
import type { Member, PresenceLine, WelcomeLine } from "../protocol/server-lines.ts";

/** PresenceState is immutable. */
export interface PresenceState {
  /** Number of people online, however many sockets each has. */
  readonly online: number;
  /** Unordered: the order of names depends on the reader's language. `null` if the room lists no members. */
  readonly members: readonly Member[] | null;
}

export const NOBODY_ONLINE: PresenceState = { online: 0, members: [] };

export function welcomePresence({ online, members }: WelcomeLine): PresenceState {
  return { online, members };
}

export function applyPresence(presence: PresenceState, line: PresenceLine): PresenceState {
  const { online, join = [], leave = [] } = line;
  if (join.length === 0 && leave.length === 0) {
    return { online, members: online > MAX_MEMBERS_LISTED ? null : presence.members };
  }
  // A list that was too long is complete again once a line names every member.
  if (presence.members === null) return { online, members: join.length === online ? join : null };
  const members = new Map(presence.members.map((member) => [member.user, member]));
  for (const user of leave) members.delete(user);
  for (const member of join) members.set(member.user, member);
  return { online, members: [...members.values()] };
}

/** PresenceChange is one difference between two lists of members. */
export type PresenceChange =
  | { readonly type: "join" | "leave"; readonly member: Member }
  | { readonly type: "rename"; readonly member: Member; readonly before: string };

/** Returns the changes that a line makes to the members, if both the old and the new list are known. */
export function presenceChanges({ members }: PresenceState, line: PresenceLine): PresenceChange[] {
  if (members === null) return [];
  const known = new Map(members.map((member) => [member.user, member]));
  const changes: PresenceChange[] = [];
  for (const user of line.leave ?? []) {
    const member = known.get(user);
    if (member !== undefined) changes.push({ type: "leave", member });
  }
  for (const member of line.join ?? []) {
    const before = known.get(member.user)?.name;
    if (before === undefined) changes.push({ type: "join", member });
    else if (before !== member.name) changes.push({ type: "rename", member, before });
  }
  return changes;
}

/** Typing is the last list from the server, without the client's own user. */
export interface Typing {
  readonly users: readonly string[];
  /** When the list expires, Unix ms. */
  readonly until: number;
}

export const NOBODY_TYPES: Typing = { users: [], until: Number.POSITIVE_INFINITY };

/** Returns the typing state after a `typing` line that arrived at `now`, Unix ms. `you` is the own user. */
export function receiveTyping(users: readonly string[], you: string | undefined, now: number): Typing {
  const others = users.filter((user) => user !== you);
  return others.length === 0 ? NOBODY_TYPES : { users: others, until: now + TYPING_TIMEOUT_MS };
}

/** Returns the typing state at `now`, Unix ms: `typing`, unless it has expired. */
export function expireTyping(typing: Typing, now: number): Typing {
  return now < typing.until ? typing : NOBODY_TYPES;
}

/** Least time between two typing indicators of the client. */
const TYPING_INTERVAL_MS = 3_000;

/** TypingThrottle decides which of the client's typing indicators are sent. */
export class TypingThrottle {
  /** When `on` was last sent, Unix ms; `null` if `off` was sent since. */
  #onAt: number | null = null;

  /** Whether to send the indicator at `now`, Unix ms: `on` once per interval, `off` once after it. */
  allows(on: boolean, now: number): boolean {
    const isNew = this.#onAt === null ? on : !on || now - this.#onAt >= TYPING_INTERVAL_MS;
    if (isNew) this.#onAt = on ? now : null;
    return isNew;
  }

  /** Resets the throttle: the room removes the indicator with the connection. */
  disconnected(): void {
    this.#onAt = null;
  }
}
