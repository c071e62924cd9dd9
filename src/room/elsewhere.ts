/** Elsewhere: what the objects of one room know of each other's connections. Plain data. */
import { MAX_MEMBERS_LISTED, MAX_WAITING, type Member } from "../protocol/index.ts";

/** Elsewhere describes connections of a room in other objects. */
export interface Elsewhere {
  readonly connections: number;
  /** Users online. */
  readonly online: number;
  /** The users online; `null` if they are too many to list. */
  readonly members: readonly Member[] | null;
  /** Ids of typing users, in a small room. */
  readonly typing: readonly string[];
  /** Users that wait to be let in. */
  readonly waiting: readonly Member[];
}

export const NOTHING_HERE: Elsewhere = { connections: 0, online: 0, members: [], typing: [], waiting: [] };

export function isSameElsewhere(a: Elsewhere, b: Elsewhere): boolean {
  return (
    a.connections === b.connections &&
    a.online === b.online &&
    isSameList(a.members, b.members) &&
    isSameList(a.typing, b.typing) &&
    isSameList(a.waiting, b.waiting)
  );
}

/** Adds up what several objects have. A user with connections in two of them counts once while users are listed. */
export function sumElsewhere(parts: readonly Elsewhere[]): Elsewhere {
  const waiting: Member[] = [];
  for (const part of parts) waiting.push(...part.waiting.slice(0, MAX_WAITING - waiting.length));
  const members = membersOf(parts);
  return {
    connections: parts.reduce((total, part) => total + part.connections, 0),
    online: members?.length ?? parts.reduce((total, part) => total + part.online, 0),
    members,
    typing: members === null ? [] : [...new Set(parts.flatMap(({ typing }) => typing))],
    waiting,
  };
}

function membersOf(parts: readonly Elsewhere[]): Member[] | null {
  const members = new Map<string, Member>();
  for (const part of parts) {
    if (part.members === null || members.size > MAX_MEMBERS_LISTED) return null;
    for (const member of part.members) members.set(member.user, member);
  }
  return members.size > MAX_MEMBERS_LISTED ? null : [...members.values()];
}

function isSameList(a: readonly unknown[] | null, b: readonly unknown[] | null): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
