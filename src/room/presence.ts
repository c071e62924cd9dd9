/** Presence: who is in the room, as people and not as sockets. */
import {
  LEAVE_GRACE_MS,
  MAX_MEMBERS_LISTED,
  type Member,
  PRESENCE_COUNT_INTERVAL_MS,
  type PresenceLine,
} from "../protocol/index.ts";

/** Least time between two presence frames that name people. */
const NAMED_INTERVAL_MS = 200;
/** A frame to each of thousands costs the room about 45 µs: so the count takes up a twentieth of its time at most. */
const COUNT_INTERVAL_PER_PERSON_MS = 1;

interface Person {
  name: string;
  sockets: number;
}

/**
 * Presence counts the sockets of each person and tells the changes since it last told. Someone
 * whose last socket closed stays for 5 s, so that a reload or a change of network goes unseen.
 */
export class Presence {
  readonly #people = new Map<string, Person>();
  /** Those without a socket, by when they count as gone (Unix ms), the earliest first. */
  readonly #leaving = new Map<string, number>();
  readonly #joined = new Set<string>();
  readonly #left = new Set<string>();
  #toldOnline = 0;
  /** Somebody was told a count without the names behind it. */
  #someoneLacksNames = false;
  #toldAt = Number.NEGATIVE_INFINITY;
  #membersJson: string | null = null;

  /** People online. */
  get online(): number {
    return this.#people.size;
  }

  /** The people online as JSON, for someone who joins, or `null` as JSON where they are too many to list. */
  snapshotJson(): string {
    if (!this.#listed) this.#someoneLacksNames = true;
    this.#membersJson ??= JSON.stringify(this.#listed ? this.members() : null);
    return this.#membersJson;
  }

  members(): Member[] {
    return Array.from(this.#people, ([user, { name }]) => ({ user, name }));
  }

  /** The name that `user` goes by, if they are here. */
  nameOf(user: string): string | undefined {
    return this.#people.get(user)?.name;
  }

  /** A socket of `user` came; whoever is here already keeps their name until it is changed. */
  enter(user: string, name: string): void {
    const person = this.#people.get(user);
    if (person === undefined) {
      this.#people.set(user, { name, sockets: 1 });
      this.#changed(user);
      return;
    }
    person.sockets += 1;
    this.#leaving.delete(user);
  }

  rename(user: string, name: string): void {
    const person = this.#people.get(user);
    if (person === undefined || person.name === name) return;
    person.name = name;
    this.#changed(user);
  }

  /** A socket of `user` went, who may be back with another. `now` is Unix ms. */
  exit(user: string, now: number): void {
    const person = this.#people.get(user);
    if (person === undefined) return;
    person.sockets -= 1;
    if (person.sockets === 0) this.#leaving.set(user, now + LEAVE_GRACE_MS);
  }

  /** Somebody went who cannot come back. */
  remove(user: string): void {
    this.#people.delete(user);
    this.#joined.delete(user);
    this.#left.add(user);
    this.#membersJson = null;
  }

  /** Forgets what is still to be told: for a waking, after which everyone knows who is there. */
  settle(): void {
    this.#joined.clear();
    this.#left.clear();
    this.#toldOnline = this.online;
  }

  /** Lets those go whose grace is over. */
  expire(now: number): void {
    for (const [user, leavesAt] of this.#leaving) {
      if (leavesAt > now) return;
      this.#leaving.delete(user);
      this.remove(user);
    }
  }

  /** When there will be something to do, Unix ms, or `null`. */
  get dueAt(): number | null {
    const [leavesAt] = this.#leaving.values();
    const tellAt = this.#isDirty ? this.#tellAt : null;
    return leavesAt === undefined ? tellAt : Math.min(leavesAt, tellAt ?? leavesAt);
  }

  /** What changed since the last call that told anything, or `null` where there is nothing or it is too soon. */
  tell(now: number): PresenceLine | null {
    if (!this.#isDirty || now < this.#tellAt) return null;
    const line: PresenceLine = { type: "presence", online: this.online };
    if (this.#listed) {
      const join: Member[] = [];
      // After a time of counts alone nobody knows who is there, so everyone is named.
      const named = this.#someoneLacksNames ? this.#people.keys() : this.#joined;
      for (const user of named) {
        const person = this.#people.get(user);
        if (person !== undefined) join.push({ user, name: person.name });
      }
      if (join.length > 0) line.join = join;
      if (this.#left.size > 0) line.leave = [...this.#left];
    }
    this.#someoneLacksNames = !this.#listed;
    this.#toldAt = now;
    this.settle();
    return line;
  }

  get #listed(): boolean {
    return this.online <= MAX_MEMBERS_LISTED;
  }

  get #isDirty(): boolean {
    if (this.#listed || this.#toldOnline <= MAX_MEMBERS_LISTED)
      return this.#joined.size > 0 || this.#left.size > 0;
    return this.online !== this.#toldOnline;
  }

  get #tellAt(): number {
    if (this.#listed) return this.#toldAt + NAMED_INTERVAL_MS;
    return this.#toldAt + Math.max(PRESENCE_COUNT_INTERVAL_MS, this.online * COUNT_INTERVAL_PER_PERSON_MS);
  }

  #changed(user: string): void {
    this.#left.delete(user);
    this.#joined.add(user);
    this.#membersJson = null;
  }
}
