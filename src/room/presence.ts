/** Presence: the users in the room, each with one or more connections. */
import {
  LEAVE_GRACE_MS,
  MAX_MEMBERS_LISTED,
  type Member,
  PRESENCE_COUNT_INTERVAL_MS,
  type PresenceLine,
} from "../protocol/index.ts";

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
  #elsewhere = 0;

  /** Number of users online. */
  get online(): number {
    return this.#users.size + this.#elsewhere;
  }

  /** Number of users online whose connections are here. */
  get here(): number {
    return this.#users.size;
  }

  /** Sets the number of users whose connections are in other objects. While there are any, users are not listed. */
  set elsewhere(count: number) {
    if (count === this.#elsewhere) return;
    this.#elsewhere = count;
    this.#membersJson = null;
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

  members(): Member[] {
    return Array.from(this.#users, ([user, { name }]) => ({ user, name }));
  }

  /** Returns the ids of the users whose connections are here. */
  users(): string[] {
    return [...this.#users.keys()];
  }

  /** Returns the name of a user who is online. */
  nameOf(user: string): string | undefined {
    return this.#users.get(user)?.name;
  }

  /** Adds a connection of `user`. A user who is online already keeps the name until it is changed. */
  enter(user: string, name: string): void {
    const known = this.#users.get(user);
    if (known === undefined) {
      this.#users.set(user, { name, connections: 1 });
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
    this.#membersJson = null;
    // It is not known what clients have. In a large room they have counts only.
    this.#namesMissing = !this.#isListed;
  }

  rename(user: string, name: string): void {
    const known = this.#users.get(user);
    if (known === undefined || known.name === name) return;
    known.name = name;
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
    this.#joined.delete(user);
    this.#left.add(user);
    this.#membersJson = null;
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
      const named = this.#namesMissing ? this.#users.keys() : this.#joined;
      for (const user of named) {
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
    return this.#elsewhere === 0 && this.online <= MAX_MEMBERS_LISTED;
  }

  get #isDirty(): boolean {
    if (!this.#isListed) return this.online !== this.#sentOnline;
    return this.#namesMissing || this.#joined.size > 0 || this.#left.size > 0;
  }

  get #nextLineAt(): number {
    if (this.#isListed) return this.#sentAt + NAMED_INTERVAL_MS;
    return this.#sentAt + Math.max(PRESENCE_COUNT_INTERVAL_MS, this.online * COUNT_INTERVAL_PER_USER_MS);
  }

  #changed(user: string): void {
    this.#left.delete(user);
    this.#joined.add(user);
    this.#membersJson = null;
  }
}
