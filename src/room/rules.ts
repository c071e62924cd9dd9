/** Rules: the settings of the room, and the roles and restrictions of its people. Notices change them. */
import {
  MAX_NETWORK_BAN_MS,
  type NewPassword,
  type Notice,
  type RestrictedPerson,
  type Restriction,
  type Role,
  type RoomState,
  type RoomTeaser,
} from "../protocol/index.ts";
import type { ImportedLog } from "./imported-log.ts";
import type { StoredFile } from "./message-files.ts";
import { People, type Person } from "./people.ts";
import { Settings, type SettingsRow } from "./settings.ts";
import type { Store } from "./store.ts";

/** Details are the parts of a command that its event does not contain. */
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
  /** The files of a message. Absent or `null`: a file does not exist, or belongs to another user. */
  readonly files?: readonly StoredFile[] | null;
  /** Name of the member, if the member is in the room. */
  readonly memberName?: string | undefined;
  /** Log that replaces the log of the room. */
  readonly imported?: ImportedLog;
}

/** RulesSnapshot is the state of the rules, as plain data. */
export interface RulesSnapshot {
  readonly settings: SettingsRow;
  /** By user id. */
  readonly people: ReadonlyMap<string, Person>;
}

export class Rules {
  readonly #settings: Settings;
  readonly #people: People;
  #version = 0;

  /** @param adminKey - secret that owns every room, or `undefined` */
  constructor(store: Store, adminKey: string | undefined) {
    this.#settings = new Settings(store, adminKey);
    this.#people = new People(store);
  }

  /**
   * Reads the rules from the store. Call it at the start, and after a transaction that failed.
   *
   * @param isStored - whether the tables exist
   */
  load(isStored: boolean): void {
    this.#version += 1;
    this.#settings.load(isStored);
    this.#people.load(isStored);
  }

  /** Increases with each change. */
  get version(): number {
    return this.#version;
  }

  snapshot(): RulesSnapshot {
    return { settings: this.#settings.row, people: this.#people.all };
  }

  /** Takes over the rules of another object. Nothing is stored. */
  adopt({ settings, people }: RulesSnapshot): void {
    this.#version += 1;
    this.#settings.adopt(settings);
    this.#people.adopt(people);
  }

  get settings(): Readonly<
    Pick<
      RoomState,
      "entry" | "slowMode" | "readOnly" | "locked" | "closed" | "files" | "retention" | "pinned"
    >
  > {
    return this.#settings.row;
  }

  /** Whether anyone may read the room, from any network. `now` is Unix ms. */
  isOpenToAll(now: number): boolean {
    const { entry, locked, closed } = this.#settings.row;
    return entry === "open" && !locked && !closed && !this.#people.hasBans(now);
  }

  get hasPassword(): boolean {
    return this.#settings.row.password !== undefined;
  }

  /** Whether the room has an owner. The deployer's secret is not stored, so a room can have an owner and no hash. */
  get isOwned(): boolean {
    if (this.#settings.row.ownerHash !== undefined) return true;
    return this.#people.staff().some(({ role }) => role === "owner");
  }

  roleOf(user: string): Role {
    return this.#people.roleOf(user);
  }

  /** Whether the user is an owner or a moderator. */
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

  /** Whether the user was let in, or was in the room when it was locked, or when knocking began. */
  isInside(user: string): boolean {
    if (this.isStaff(user)) return true;
    const { admitted, outside } = this.#people.get(user);
    return outside !== true && (admitted === true || this.#settings.wasInside(user));
  }

  /** Whether a secret is that of the room's owner, or the deployer's. */
  isOwnerSecret(secret: string): boolean {
    return this.#settings.isOwnerSecret(secret);
  }

  /** Whether `proof` is that of the room's password. */
  isPassword(proof: string): boolean {
    return this.#settings.isPassword(proof);
  }

  /** What all users in the room may know. */
  get state(): RoomState {
    return { ...this.#settings.shared, owned: this.isOwned, staff: this.#people.staff() };
  }

  /** What a user outside may know. */
  get teaser(): RoomTeaser {
    return this.#settings.teaser;
  }

  /** Returns the people who are muted or banned. `now` is Unix ms. */
  restricted(now: number): RestrictedPerson[] {
    return this.#people.restricted(now);
  }

  /**
   * Applies an event that the log has just appended, in the same transaction. It writes one row, one more for each user
   * who loses the role of an owner, and one more for each removed user who is inside again.
   */
  apply(event: Notice, details: Details): void {
    this.#version += 1;
    const { secret = "", newPassword, present = () => [] } = details;
    switch (event.type) {
      case "claim":
        if (!this.isOwned && details.create) this.#settings.create(event, secret, newPassword);
        this.#people.set(event.user, { name: event.name, role: "owner" });
        return;
      case "settings":
        for (const user of this.#settings.change(event, newPassword, present))
          if (this.#people.get(user).outside) this.#people.set(user, { outside: undefined });
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
        else if (event.target === this.settings.pinned) this.setPinned(null);
        return;
      case "owner":
        this.#replaceOwner(event.user, secret);
        return;
      case "wipe":
        this.setPinned(null);
        return;
      case "import":
        if (details.imported !== undefined) this.#settings.takeOver(details.imported);
    }
  }

  /** Pins a message, or none. */
  setPinned(seq: number | null): void {
    if (this.#settings.pin(seq)) this.#version += 1;
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

  #replaceOwner(author: string, secret: string): void {
    for (const { user, role } of this.#people.staff())
      if (role === "owner" && user !== author) this.#people.set(user, { role: undefined });
    this.#settings.replaceOwnerSecret(secret);
  }

  #setMember(
    event: { readonly member: string; readonly memberName?: string },
    change: Partial<Person>,
  ): void {
    const { member, memberName } = event;
    this.#people.set(member, memberName === undefined ? change : { name: memberName, ...change });
  }
}

/** Returns the restriction of a mute or a ban, or `undefined` if the event lifts it. */
function restriction(event: { at: number; duration?: number; reason?: string }): Restriction | undefined {
  const { at, duration, reason } = event;
  if (duration === 0) return undefined;
  return { ...(duration !== undefined && { until: at + duration }), ...(reason && { reason }) };
}
