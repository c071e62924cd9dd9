/** Presence: the users in the room, each with one or more connections. */
import {
  LEAVE_GRACE_MS,
  MAX_MEMBERS_LISTED,
  type Member,
  PRESENCE_COUNT_INTERVAL_MS,
  type PresenceLine,
} from "../protocol/index.ts";
import type { Elsewhere } from "./elsewhere.ts";

/** Shortest time between two presence lines that name users. */
const NAMED_INTERVAL_MS = 200;
/** A frame costs about 45 µs for each user: with this interval counts take 5 % of the room's time. */
const COUNT_INTERVAL_PER_USER_MS = 1;

interface User {
  name: string;
  connections: number;
}

/**
 * Presence counts the connections of each user and collects the changes since the last presence line. A user
 * stays present for 5 s after the last connection closed, so that a reload is not visible.
 */
export class Presence {
  readonly #users = new Map<string, User>();
  /** Users without a connection, with the time when they leave (Unix ms), the earliest first. */
  readonly #leaving = new Map<string, number>();
  readonly #joined = new Set<string>();
  readonly #left = new Set<string>();
  #sentOnline = 0;
  /** A client received a count without names. */
  #namesMissing = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  #membersJson: string | null = null;
  /** The users whose connections are here, until one changes. */
  #here: Member[] | null = null;
  /** Names of the users with connections in other objects; `null` if they are too many to list. */
  #elsewhere: ReadonlyMap<string, string> | null = new Map();
  #onlineElsewhere = 0;

  /** Number of users online. */
  get online(): number {
    if (this.#elsewhere === null) return this.#users.size + this.#onlineElsewhere;
    let online = this.#users.size;
    for (const user of this.#elsewhere.keys()) if (!this.#users.has(user)) online += 1;
    return online;
  }

  /** The users whose connections are here, as other objects of the room need them. */
  get here(): Pick<Elsewhere, "online" | "members"> {
    const { size } = this.#users;
    if (size > MAX_MEMBERS_LISTED) return { online: size, members: null };
    this.#here ??= Array.from(this.#users, ([user, { name }]) => ({ user, name }));
    return { online: size, members: this.#here };
  }

  /** Sets the users with connections in other objects. */
  set elsewhere({ online, members }: Pick<Elsewhere, "online" | "members">) {
    const before = this.#elsewhere;
    const after = members === null ? null : new Map(members.map(({ user, name }) => [user, name]));
    this.#elsewhere = after;
    this.#onlineElsewhere = online;
    this.#membersJson = null;
    if (before === null || after === null) return;
    for (const [user, name] of after)
      if (!this.#users.has(user) && before.get(user) !== name) this.#changed(user);
    for (const user of before.keys())
      if (!this.#users.has(user) && !after.has(user)) this.#changed(user, this.#left, this.#joined);
  }

  /**
   * Returns the users online as JSON for a `welcome`, `null` as JSON if they are too many to list. A client that got
   * `null` needs all names once they can be listed, so this is remembered.
   */
  snapshotJson(): string {
    if (!this.#isListed) this.#namesMissing = true;
    this.#membersJson ??= JSON.stringify(this.#isListed ? this.members() : null);
    return this.#membersJson;
  }

  /** Returns the users online, unless they are too many to list. */
  members(): Member[] {
    const members = new Map(this.#elsewhere);
    for (const [user, { name }] of this.#users) members.set(user, name);
    return Array.from(members, ([user, name]) => ({ user, name }));
  }

  /** Returns the ids of the users whose connections are here. */
  users(): string[] {
    return [...this.#users.keys()];
  }

  /**
   * Whether a user has connections here. Only this counts for the right to be in the room: what is known of other objects
   * is seconds old, and may name a user whom a moderator has removed since.
   */
  isHere(user: string): boolean {
    return this.#users.has(user);
  }

  /** Returns the name of a user who is online. */
  nameOf(user: string): string | undefined {
    return this.#users.get(user)?.name ?? this.#elsewhere?.get(user);
  }

  /** Adds a connection of `user`. A user who is online already keeps the name until it is changed. */
  enter(user: string, name: string): void {
    const known = this.#users.get(user);
    if (known === undefined) {
      this.#users.set(user, { name, connections: 1 });
      this.#here = null;
      this.#changed(user);
      return;
    }
    known.connections += 1;
    this.#leaving.delete(user);
  }

  /** Adds a connection that survived a hibernation. Clients know its user already, so nothing is sent. */
  restore(user: string, name: string): void {
    const known = this.#users.get(user);
    if (known !== undefined) {
      known.connections += 1;
      return;
    }
    this.#users.set(user, { name, connections: 1 });
    this.#sentOnline += 1;
    this.#here = null;
    this.#membersJson = null;
    // It is not known what clients have. In a large room they have counts only.
    this.#namesMissing = !this.#isListed;
  }

  rename(user: string, name: string): void {
    const known = this.#users.get(user);
    if (known === undefined || known.name === name) return;
    known.name = name;
    this.#here = null;
    this.#changed(user);
  }

  /**
   * Removes a connection of `user`. The user may return with another connection. `now` is Unix ms.
   *
   * @returns whether it was the last connection of the user
   */
  exit(user: string, now: number): boolean {
    const known = this.#users.get(user);
    if (known === undefined) return true;
    known.connections -= 1;
    if (known.connections > 0) return false;
    this.#leaving.set(user, now + LEAVE_GRACE_MS);
    return true;
  }

  /** Removes a user at once: the user cannot return. */
  remove(user: string): void {
    if (!this.#users.has(user)) return;
    this.#users.delete(user);
    this.#leaving.delete(user);
    this.#here = null;
    if (this.#elsewhere?.has(user)) this.#changed(user);
    else this.#changed(user, this.#left, this.#joined);
  }

  /** Removes the users whose grace period ended. */
  expire(now: number): void {
    for (const [user, leavesAt] of this.#leaving) {
      if (leavesAt > now) return;
      this.#leaving.delete(user);
      this.remove(user);
    }
  }

  /** Time of the next change or line, Unix ms, or `null`. */
  get dueAt(): number | null {
    const [leavesAt] = this.#leaving.values();
    const sendAt = this.#isDirty ? this.#nextLineAt : null;
    return leavesAt === undefined ? sendAt : Math.min(leavesAt, sendAt ?? leavesAt);
  }

  /** Returns the line with the changes since the last one, or `null` if there are none or it is too early. */
  takeLine(now: number): PresenceLine | null {
    if (!this.#isDirty || now < this.#nextLineAt) return null;
    const line: PresenceLine = { type: "presence", online: this.online };
    if (this.#isListed) {
      const join: Member[] = [];
      // After lines with counts only, clients do not know the users, so all are named.
      if (this.#namesMissing) join.push(...this.members());
      else
        for (const user of this.#joined) {
          const name = this.nameOf(user);
          if (name !== undefined) join.push({ user, name });
        }
      if (join.length > 0) line.join = join;
      if (this.#left.size > 0) line.leave = [...this.#left];
    }
    this.#namesMissing = !this.#isListed;
    this.#sentAt = now;
    this.#joined.clear();
    this.#left.clear();
    this.#sentOnline = this.online;
    return line;
  }

  get #isListed(): boolean {
    return this.#elsewhere !== null && this.online <= MAX_MEMBERS_LISTED;
  }

  get #isDirty(): boolean {
    if (!this.#isListed) return this.online !== this.#sentOnline;
    return this.#namesMissing || this.#joined.size > 0 || this.#left.size > 0;
  }

  get #nextLineAt(): number {
    if (this.#isListed) return this.#sentAt + NAMED_INTERVAL_MS;
    return this.#sentAt + Math.max(PRESENCE_COUNT_INTERVAL_MS, this.online * COUNT_INTERVAL_PER_USER_MS);
  }

  /** Records that a user joined or has a new name; with the sets exchanged, that a user left. */
  #changed(user: string, set = this.#joined, other = this.#left): void {
    other.delete(user);
    set.add(user);
    this.#membersJson = null;
  }
}
