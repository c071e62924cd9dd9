/** Settings: the settings of the room, with the hashes of its secrets, as one row in SQLite and in memory. */
import { createHash, timingSafeEqual } from "node:crypto";
import {
  type NewPassword,
  type Notice,
  type PasswordParameters,
  type RoomState,
  type RoomTeaser,
  UNOWNED,
} from "../protocol/index.ts";
import type { ImportedLog } from "./imported-log.ts";
import { type Store, writeMeta } from "./store.ts";

/** SettingsRow is what the room stores of its settings. Secrets are hashes. */
export interface SettingsRow extends Omit<RoomState, "staff" | "owned"> {
  /** SHA-256 of the owner's secret; absent without an owner. */
  readonly ownerHash?: string;
  readonly password?: PasswordParameters & { readonly hash: string };
  /** Users who were in the room when it was locked, or when knocking began. */
  readonly inside?: readonly string[];
}

const { staff: _1, owned: _2, ...OPEN } = UNOWNED;

export class Settings {
  readonly #store: Store;
  readonly #adminHash: Buffer | null;
  #row: SettingsRow = OPEN;
  /** The users of `#row.inside`. */
  #inside: ReadonlySet<string> = new Set();

  /** @param adminKey - secret that owns every room, or `undefined` */
  constructor(store: Store, adminKey: string | undefined) {
    this.#store = store;
    this.#adminHash = adminKey === undefined || adminKey === "" ? null : sha256(adminKey);
  }

  /** Reads the settings from the store. `isStored`: whether the tables exist. */
  load(isStored: boolean): void {
    this.adopt(OPEN);
    if (!isStored) return;
    for (const { value } of this.#store.exec("SELECT value FROM meta WHERE key = 'settings'"))
      this.adopt({ ...OPEN, ...JSON.parse(String(value)) });
  }

  /** Takes over settings. Nothing is stored. */
  adopt(row: SettingsRow): void {
    this.#row = row;
    this.#inside = new Set(row.inside);
  }

  get row(): SettingsRow {
    return this.#row;
  }

  /** What all users in the room may know. */
  get shared(): Omit<RoomState, "staff" | "owned"> {
    const { ownerHash: _1, password: _2, inside: _3, ...shared } = this.#row;
    return shared;
  }

  /** What a user outside may know. */
  get teaser(): RoomTeaser {
    const { title, entry, locked, closed, password } = this.#row;
    const parameters = password && { salt: password.salt, iterations: password.iterations };
    return {
      ...(title !== undefined && { title }),
      ...{ entry, locked, closed },
      ...(parameters && { password: parameters }),
    };
  }

  /** Whether the user was in the room when it was locked, or when knocking began. */
  wasInside(user: string): boolean {
    return this.#inside.has(user);
  }

  /** Whether a secret is that of the room's owner, or the deployer's. */
  isOwnerSecret(secret: string): boolean {
    return this.#isAdminSecret(secret) || isHashOf(this.#row.ownerHash, secret);
  }

  /** Whether `proof` is that of the room's password. */
  isPassword(proof: string): boolean {
    return isHashOf(this.#row.password?.hash, proof);
  }

  /** Sets up a room whose owner has just created it. The deployer's secret is not stored. */
  create(
    { title, entry, retention }: Extract<Notice, { type: "claim" }>,
    secret: string,
    newPassword: NewPassword | undefined,
  ): void {
    this.#save({
      ...this.#row,
      ...(title && { title }),
      ...(entry && { entry }),
      ...(retention && { retention }),
      ...(newPassword && { password: hashed(newPassword) }),
      ...(!this.#isAdminSecret(secret) && { ownerHash: hashOf(secret) }),
    });
  }

  /**
   * Changes settings. When the room is locked, or knocking begins, the users in it count as inside.
   *
   * @param present - returns the users in the room
   * @returns the users who count as inside from now on
   */
  change(
    event: Extract<Notice, { type: "settings" }>,
    newPassword: NewPassword | undefined,
    present: () => readonly string[],
  ): readonly string[] {
    const before = this.#row;
    const { seq: _1, at: _2, user: _3, name: _4, id: _5, type: _6, title, topic, ...changes } = event;
    const { title: _7, topic: _8, ...rest } = { ...before, ...changes };
    const next = {
      ...rest,
      // An empty text means none.
      ...((title ?? before.title) && { title: title ?? before.title }),
      ...((topic ?? before.topic) && { topic: topic ?? before.topic }),
      ...(newPassword && { password: hashed(newPassword) }),
    } as SettingsRow;
    const begins = (next.locked && !before.locked) || (next.entry === "knock" && before.entry !== "knock");
    const users = begins ? present() : [];
    this.#inside = new Set([...this.#inside, ...users]);
    this.#save({ ...next, inside: [...this.#inside] });
    return users;
  }

  /** Pins a message, or none. Returns whether that is a change. */
  pin(seq: number | null): boolean {
    if ((this.#row.pinned ?? null) === seq) return false;
    const { pinned: _, ...rest } = this.#row;
    this.#save(seq === null ? rest : { ...rest, pinned: seq });
    return true;
  }

  replaceOwnerSecret(secret: string): void {
    this.#save({ ...this.#row, ownerHash: hashOf(secret) });
  }

  /** Takes the title and the pinned message of an imported log. All other settings are the owner's decision. */
  takeOver({ title, pinned }: ImportedLog): void {
    const { pinned: _1, title: _2, ...rest } = this.#row;
    this.#save({ ...rest, ...(title && { title }), ...(pinned !== null && { pinned }) });
  }

  #isAdminSecret(secret: string): boolean {
    return this.#adminHash !== null && timingSafeEqual(sha256(secret), this.#adminHash);
  }

  #save(row: SettingsRow): void {
    this.#row = row;
    writeMeta(this.#store, "settings", JSON.stringify(row));
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function hashOf(secret: string): string {
  return sha256(secret).toString("base64url");
}

function isHashOf(hash: string | undefined, secret: string): boolean {
  return hash !== undefined && timingSafeEqual(sha256(secret), Buffer.from(hash, "base64url"));
}

function hashed({ proof, ...parameters }: NewPassword): PasswordParameters & { hash: string } {
  return { ...parameters, hash: hashOf(proof) };
}
