/** People: the roles, restrictions and admissions of a room's users, in SQLite and in memory. */
import {
  guestName,
  type RestrictedPerson,
  type Restriction,
  type Role,
  type RoomState,
} from "../protocol/index.ts";
import type { Store } from "./store.ts";

/** Ban is a restriction of a user, and for at most a day of all users on `networks` (as in `networkId`). */
interface Ban extends Restriction {
  readonly networks?: { readonly ids: readonly string[]; readonly until: number } | undefined;
}

/** Person is the data that the room keeps of a user. A user without any has no row. */
export interface Person {
  readonly name: string;
  readonly role?: Exclude<Role, "member"> | undefined;
  readonly muted?: Restriction | undefined;
  readonly banned?: Ban | undefined;
  /** A moderator let the user in. */
  readonly admitted?: true | undefined;
  /** The user was removed or banned, and is not inside. This overrides `admitted` and the settings. */
  readonly outside?: true | undefined;
}

/** Most people kept. Beyond it the room forgets the oldest person without a role. */
const MAX_PEOPLE = 10_000;
/** People listed for moderators, the newest. */
const MAX_RESTRICTED = 1_000;

export class People {
  readonly #store: Store;
  #people = new Map<string, Person>();
  /** Bans by network, computed from `#people` on first use. */
  #bansByNetwork: Map<string, Restriction> | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Reads the people from the store. `isStored`: whether the tables exist. */
  load(isStored: boolean): void {
    this.#people = new Map();
    this.#bansByNetwork = null;
    if (!isStored) return;
    for (const { user, person } of this.#store.exec("SELECT user, person FROM people"))
      this.#people.set(String(user), JSON.parse(String(person)));
  }

  /** All people by user id. */
  get all(): ReadonlyMap<string, Person> {
    return new Map(this.#people);
  }

  /** Takes over the people of another object. Nothing is stored. */
  adopt(people: ReadonlyMap<string, Person>): void {
    this.#people = new Map(people);
    this.#bansByNetwork = null;
  }

  /** Returns the data that the room keeps of a user. */
  get(user: string): Partial<Person> {
    return this.#people.get(user) ?? {};
  }

  roleOf(user: string): Role {
    return this.get(user).role ?? "member";
  }

  /** Returns the owners and moderators. */
  staff(): RoomState["staff"] {
    return Array.from(this.#people).flatMap(([user, { name, role }]) =>
      role === undefined ? [] : [{ user, name, role }],
    );
  }

  /** Whether a ban holds. `now` is Unix ms. */
  hasBans(now: number): boolean {
    return [...this.#people.values()].some(({ banned }) => active(banned, now) !== null);
  }

  /** Returns the mute of a user, or `null`. `now` is Unix ms. */
  muteOf(user: string, now: number): Restriction | null {
    return active(this.get(user).muted, now);
  }

  /** Returns the ban of a user or of a network, or `null`. A network's ban does not hold for moderators. */
  banOf(user: string, network: string | null, now: number): Restriction | null {
    const own = active(this.get(user).banned, now);
    if (own !== null || network === null || this.roleOf(user) !== "member") return own;
    return active(this.#networkBans.get(network), now);
  }

  /** Returns the people who are muted or banned. `now` is Unix ms. */
  restricted(now: number): RestrictedPerson[] {
    const found: RestrictedPerson[] = [];
    for (const [user, { name, muted, banned }] of this.#people) {
      const mute = active(muted, now);
      const ban = active(banned, now);
      if (mute === null && ban === null) continue;
      const network = (banned?.networks?.until ?? 0) > now && { network: true as const };
      found.push({
        user,
        name,
        ...(mute && { muted: mute }),
        ...(ban && { banned: { ...ban, ...network } }),
      });
    }
    return found.slice(-MAX_RESTRICTED);
  }

  /** Changes the data of a user, in a transaction of the caller: one row. */
  set(user: string, change: Partial<Person>): void {
    this.#bansByNetwork = null;
    const known = this.#people.get(user);
    const person: Person = { name: guestName(user), ...known, ...change };
    const { name: _, ...kept } = person;
    if (Object.values(kept).every((value) => value === undefined)) {
      if (!this.#people.delete(user)) return;
      this.#store.exec("DELETE FROM people WHERE user = ?", user);
      return;
    }
    this.#people.set(user, person);
    this.#store.exec(
      "INSERT INTO people (user, person) VALUES (?1, ?2) ON CONFLICT (user) DO UPDATE SET person = ?2",
      ...[user, JSON.stringify(person)],
    );
    if (known === undefined) this.#forgetOldest();
  }

  /** Bounds the number of people who have no role. */
  #forgetOldest(): void {
    if (this.#people.size <= MAX_PEOPLE) return;
    for (const [user, { role }] of this.#people) {
      if (role !== undefined) continue;
      this.#people.delete(user);
      this.#store.exec("DELETE FROM people WHERE user = ?", user);
      return;
    }
  }

  get #networkBans(): ReadonlyMap<string, Restriction> {
    if (this.#bansByNetwork !== null) return this.#bansByNetwork;
    const bans = new Map<string, Restriction>();
    for (const { banned } of this.#people.values()) {
      const { networks, until = Number.POSITIVE_INFINITY, reason } = banned ?? {};
      for (const id of networks?.ids ?? []) {
        // The user's own ban may end earlier, and another user's ban of the same network later.
        const end = Math.min(networks?.until ?? until, until);
        if (end > (bans.get(id)?.until ?? 0))
          bans.set(id, { until: end, ...(reason !== undefined && { reason }) });
      }
    }
    this.#bansByNetwork = bans;
    return bans;
  }
}

/** Returns a restriction as clients see it, or `null` if there is none or it has ended. `now` is Unix ms. */
function active(restriction: Restriction | undefined, now: number): Restriction | null {
  if (restriction === undefined || (restriction.until ?? Number.POSITIVE_INFINITY) <= now) return null;
  const { until, reason } = restriction;
  return { ...(until !== undefined && { until }), ...(reason !== undefined && { reason }) };
}
