/** Rules: the settings of the room and what it knows of its people, in SQLite and in memory. */
import { createHash, timingSafeEqual } from "node:crypto";
import {
  MAX_NETWORK_BAN_MS,
  type NewPassword,
  type Notice,
  type PasswordParameters,
  type RestrictedPerson,
  type Restriction,
  type Role,
  type RoomState,
  type RoomTeaser,
  UNOWNED,
} from "../protocol/index.ts";
import type { ImportedLog } from "./imported-log.ts";
import type { StoredFile } from "./message-files.ts";
import { People, type Person } from "./people.ts";
import type { Store } from "./store.ts";

/** Settings are those that everyone knows, with the secrets as hashes. */
interface Settings extends Omit<RoomState, "staff" | "owned"> {
  /** SHA-256 of the owner's secret; absent without an owner. */
  readonly ownerHash?: string;
  readonly password?: PasswordParameters & { readonly hash: string };
  /** Users who were in the room when it was locked, or when knocking began. */
  readonly inside?: readonly string[];
}

/** Details of a command that no event contains. */
export interface Details {
  /** Secret of an owner. */
  readonly secret?: string | undefined;
  readonly newPassword?: NewPassword | undefined;
  /** The author asks to create the room. */
  readonly create?: boolean;
  /** Networks that the member is connected from, as in `networkId`. */
  readonly networks?: readonly string[];
  /** Users in the room: they stay inside when it is locked. */
  readonly present?: () => readonly string[];
  /** The files of a message. Absent or `null`: one of them does not exist, or belongs to another user. */
  readonly files?: readonly StoredFile[] | null;
  /** Name of the member, if the member is in the room. */
  readonly memberName?: string | undefined;
  /** Log that replaces the one of the room. */
  readonly imported?: ImportedLog;
}

const { staff: _1, owned: _2, ...OPEN } = UNOWNED;

/** RulesSnapshot is all that a room knows of its settings and people, as plain data. */
export interface RulesSnapshot {
  readonly settings: Settings;
  /** By user id. */
  readonly people: ReadonlyMap<string, Person>;
}

export class Rules {
  readonly #store: Store;
  #settings: Settings = OPEN;
  readonly #people: People;
  /** Users who were in the room when it was locked, or when knocking began. */
  #inside: ReadonlySet<string> = new Set();
  readonly #adminHash: Buffer | null;
  #version = 0;

  /** @param adminKey - secret that owns every room, or `undefined` */
  constructor(store: Store, adminKey: string | undefined) {
    this.#store = store;
    this.#people = new People(store);
    this.#adminHash = adminKey === undefined || adminKey === "" ? null : sha256(adminKey);
  }

  /**
   * Reads the rules from the store. Call it at the start, and after a transaction that failed.
   *
   * @param isStored - whether the tables exist
   */
  load(isStored: boolean): void {
    this.#version += 1;
    this.#settings = OPEN;
    this.#inside = new Set();
    this.#people.load(isStored);
    if (!isStored) return;
    for (const { value } of this.#store.exec("SELECT value FROM meta WHERE key = 'settings'")) {
      this.#settings = { ...OPEN, ...JSON.parse(String(value)) };
      this.#inside = new Set(this.#settings.inside);
    }
  }

  /** Increases with each change. */
  get version(): number {
    return this.#version;
  }

  snapshot(): RulesSnapshot {
    return { settings: this.#settings, people: this.#people.all };
  }

  /** Takes over the rules of another object. Nothing is stored. */
  adopt({ settings, people }: RulesSnapshot): void {
    this.#version += 1;
    this.#settings = settings;
    this.#inside = new Set(settings.inside);
    this.#people.adopt(people);
  }

  get settings(): Readonly<
    Pick<
      RoomState,
      "entry" | "slowMode" | "readOnly" | "locked" | "closed" | "files" | "retention" | "pinned"
    >
  > {
    return this.#settings;
  }

  /** Whether anyone may read the room, from any network. `now` is Unix ms. */
  isOpenToAll(now: number): boolean {
    const { entry, locked, closed } = this.#settings;
    return entry === "open" && !locked && !closed && !this.#people.hasBans(now);
  }

  get hasPassword(): boolean {
    return this.#settings.password !== undefined;
  }

  /** Whether somebody owns the room. A holder of the deployer's secret leaves no owner's secret. */
  get isOwned(): boolean {
    if (this.#settings.ownerHash !== undefined) return true;
    return this.#people.staff().some(({ role }) => role === "owner");
  }

  roleOf(user: string): Role {
    return this.#people.roleOf(user);
  }

  /** Whether the user may act on others. */
  isStaff(user: string): boolean {
    return this.roleOf(user) !== "member";
  }

  nameOf(user: string): string | undefined {
    return this.#people.get(user).name;
  }

  /** Returns the mute of a user, or `null`. `now` is Unix ms. */
  muteOf(user: string, now: number): Restriction | null {
    return this.#people.muteOf(user, now);
  }

  /** Returns the ban of a user or of a network, or `null`. A network's ban does not hold for moderators. */
  banOf(user: string, network: string | null, now: number): Restriction | null {
    return this.#people.banOf(user, network, now);
  }

  /** Whether the user was let in, or was in the room when it began to ask who enters. */
  isInside(user: string): boolean {
    if (this.isStaff(user)) return true;
    const { admitted, outside } = this.#people.get(user);
    return outside !== true && (admitted === true || this.#inside.has(user));
  }

  isOwnerSecret(secret: string): boolean {
    const { ownerHash } = this.#settings;
    if (this.#isAdminSecret(secret)) return true;
    return ownerHash !== undefined && timingSafeEqual(sha256(secret), Buffer.from(ownerHash, "base64url"));
  }

  #isAdminSecret(secret: string): boolean {
    return this.#adminHash !== null && timingSafeEqual(sha256(secret), this.#adminHash);
  }

  /** Whether `proof` is that of the room's password. */
  isPassword(proof: string): boolean {
    const { password } = this.#settings;
    return password !== undefined && timingSafeEqual(sha256(proof), Buffer.from(password.hash, "base64url"));
  }

  /** What everyone in the room may know. */
  get state(): RoomState {
    const { ownerHash: _1, password: _2, inside: _3, ...settings } = this.#settings;
    return { ...settings, owned: this.isOwned, staff: this.#people.staff() };
  }

  /** What a person outside may know. */
  get teaser(): RoomTeaser {
    const { title, entry, locked, closed, password } = this.#settings;
    const parameters = password && { salt: password.salt, iterations: password.iterations };
    return {
      ...(title !== undefined && { title }),
      ...{ entry, locked, closed },
      ...(parameters && { password: parameters }),
    };
  }

  /** The people who are muted or banned. `now` is Unix ms. */
  restricted(now: number): RestrictedPerson[] {
    return this.#people.restricted(now);
  }

  /**
   * Applies an event that the log has just appended, in the same transaction. It writes one row, and one more for each
   * owner who is no longer one, and for each user who was removed and is inside again.
   */
  apply(event: Notice, details: Details): void {
    this.#version += 1;
    switch (event.type) {
      case "claim":
        if (!this.isOwned && details.create) this.#create(event, details);
        this.#people.set(event.user, { name: event.name, role: "owner" });
        return;
      case "settings":
        this.#changeSettings(event, details);
        return;
      case "role":
        this.#setMember(event, { role: event.role === "member" ? undefined : event.role });
        return;
      case "mute":
        this.#setMember(event, { muted: restriction(event) });
        return;
      case "ban":
        this.#ban(event, details);
        return;
      case "remove":
        this.#setMember(event, { admitted: undefined, outside: true });
        return;
      case "admit":
        if (event.on) this.#setMember(event, { admitted: true, outside: undefined });
        return;
      case "pin":
        if (event.on) this.setPinned(event.target);
        else if (event.target === this.#settings.pinned) this.setPinned(null);
        return;
      case "owner":
        this.#replaceOwner(event.user, details);
        return;
      case "wipe":
        this.setPinned(null);
        return;
      case "import":
        this.#takeOver(details.imported);
    }
  }

  /** Pins a message, or none. */
  setPinned(seq: number | null): void {
    if ((this.#settings.pinned ?? null) === seq) return;
    this.#version += 1;
    const { pinned: _, ...rest } = this.#settings;
    this.#saveSettings(seq === null ? rest : { ...rest, pinned: seq });
  }

  /** Takes the title and the pinned message of an imported log. Everything else of a room is its owner's decision. */
  #takeOver(imported: ImportedLog | undefined): void {
    if (imported === undefined) return;
    const { pinned: _1, title: _2, ...rest } = this.#settings;
    const { title, pinned } = imported;
    this.#saveSettings({ ...rest, ...(title && { title }), ...(pinned !== null && { pinned }) });
  }

  #create(
    { title, entry, retention }: Extract<Notice, { type: "claim" }>,
    { secret = "", newPassword }: Details,
  ): void {
    this.#saveSettings({
      ...this.#settings,
      ...(title && { title }),
      ...(entry && { entry }),
      ...(retention && { retention }),
      ...(newPassword && { password: hashed(newPassword) }),
      ...(!this.#isAdminSecret(secret) && { ownerHash: sha256(secret).toString("base64url") }),
    });
  }

  #changeSettings(
    event: Extract<Notice, { type: "settings" }>,
    { newPassword, present = () => [] }: Details,
  ): void {
    const before = this.#settings;
    const { seq: _1, at: _2, user: _3, name: _4, id: _5, type: _6, title, topic, ...changes } = event;
    const { title: _7, topic: _8, ...rest } = { ...before, ...changes };
    const next = {
      ...rest,
      // An empty text means none.
      ...((title ?? before.title) && { title: title ?? before.title }),
      ...((topic ?? before.topic) && { topic: topic ?? before.topic }),
      ...(newPassword && { password: hashed(newPassword) }),
    } as Settings;
    const begins = (next.locked && !before.locked) || (next.entry === "knock" && before.entry !== "knock");
    if (begins) {
      const users = present();
      this.#inside = new Set([...this.#inside, ...users]);
      for (const user of users)
        if (this.#people.get(user).outside) this.#people.set(user, { outside: undefined });
    }
    this.#saveSettings({ ...next, inside: [...this.#inside] });
  }

  #ban(event: Extract<Notice, { type: "ban" }>, { networks }: Details): void {
    const banned = restriction(event);
    if (banned === undefined) {
      this.#setMember(event, { banned });
      return;
    }
    const until = event.at + MAX_NETWORK_BAN_MS;
    const ofNetworks = event.network === true &&
      networks !== undefined && { networks: { ids: networks, until } };
    const left = { role: undefined, admitted: undefined, outside: true as const };
    this.#setMember(event, { banned: { ...banned, ...ofNetworks }, ...left });
  }

  #replaceOwner(author: string, { secret = "" }: Details): void {
    for (const { user, role } of this.#people.staff())
      if (role === "owner" && user !== author) this.#people.set(user, { role: undefined });
    this.#saveSettings({ ...this.#settings, ownerHash: sha256(secret).toString("base64url") });
  }

  #setMember(
    event: { readonly member: string; readonly memberName?: string },
    change: Partial<Person>,
  ): void {
    const { member, memberName } = event;
    this.#people.set(member, memberName === undefined ? change : { name: memberName, ...change });
  }

  #saveSettings(settings: Settings): void {
    this.#settings = settings;
    this.#store.exec(
      "INSERT INTO meta (key, value) VALUES ('settings', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1",
      JSON.stringify(settings),
    );
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function hashed({ proof, ...parameters }: NewPassword): PasswordParameters & { hash: string } {
  return { ...parameters, hash: sha256(proof).toString("base64url") };
}

/** Returns the restriction of a mute or a ban, or `undefined` if the event lifts it. */
function restriction(event: { at: number; duration?: number; reason?: string }): Restriction | undefined {
  const { at, duration, reason } = event;
  if (duration === 0) return undefined;
  return { ...(duration !== undefined && { until: at + duration }), ...(reason && { reason }) };
}
