/** Settings of this browser, shared by its tabs. */
import { computed, effect, signal } from "@preact/signals";
import * as v from "valibot";
import { cleanName } from "../../protocol/display-name.ts";
import { onOtherTab, readItem, readJson, writeItem, writeJson } from "./browser-storage.ts";

const Settings = v.object({
  theme: v.optional(v.picklist(["system", "light", "dark"]), "system"),
  language: v.optional(v.picklist(["system", "en", "zh"]), "system"),
  /** Messages that show a notification. */
  notify: v.optional(v.picklist(["none", "mentions", "all"]), "none"),
  sound: v.optional(v.boolean(), false),
  /** Whether Enter sends; `null` until the user chooses: then it depends on the device. */
  enterSends: v.optional(v.nullable(v.boolean()), null),
  /** Display name; empty until the user chooses one. */
  name: v.optional(v.string(), ""),
  /** The user was asked for a name after the first message. */
  askedName: v.optional(v.boolean(), false),
  /** Order of the list of rooms: latest message first, or as the rooms were added. */
  roomOrder: v.optional(v.picklist(["activity", "fixed"]), "activity"),
  /** User ids of people whose messages are hidden. */
  hidden: v.optional(v.array(v.string()), []),
  /** Rooms without notifications and badges. */
  muted: v.optional(v.array(v.string()), []),
});

export type Settings = v.InferOutput<typeof Settings>;

const NAME = "settings";

const load = (): Settings => readJson(NAME, Settings) ?? v.parse(Settings, {});

/** Current settings; change them with `changeSettings`. */
export const settings = signal<Settings>(load());

/** Changes and stores some of the settings. */
export function changeSettings(change: Partial<Settings>): void {
  settings.value = { ...settings.peek(), ...change };
  writeJson(NAME, settings.peek());
}

/** Display name that the user chose; empty until then. */
export const ownName = computed(() => settings.value.name);

/** Stores what the user typed as the display name, unless nothing of it remains when it is cleaned. */
export function chooseName(typed: string): void {
  const name = cleanName(typed);
  if (name !== "" && name !== ownName.peek()) changeSettings({ name });
}

/** Follows changes by other tabs, and applies the theme to the document. Call once. */
export function startSettings(): void {
  onOtherTab(NAME, () => {
    settings.value = load();
  });
  effect(() => {
    const { theme } = settings.value;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  });
}

export function muteRoom(room: string, muted: boolean): void {
  const others = settings.peek().muted.filter((name) => name !== room);
  changeSettings({ muted: muted ? [...others, room] : others });
}

const KEY = "key";

/**
 * Returns the secret from which each room derives this browser's user id: 128 random bits, made once. Only `hello`
 * carries it.
 */
export function identityKey(): string {
  const kept = readItem(KEY) ?? "";
  if (isIdentityKey(kept)) return kept;
  const made = randomToken();
  writeItem(KEY, made);
  return made;
}

export function isIdentityKey(text: string): boolean {
  return /^[A-Za-z0-9_-]{22,128}$/.test(text);
}

/** Returns whether this browser has a key already. */
export function hasIdentity(): boolean {
  return isIdentityKey(readItem(KEY) ?? "");
}

/** Replaces this browser's key, and its display name unless `name` is empty. Open rooms keep the old key. */
export function replaceIdentity(key: string, name: string): void {
  writeItem(KEY, key);
  if (name !== "") changeSettings({ name });
}

/** Calls `listener` when another tab has replaced the key. */
export function onOtherIdentity(listener: () => void): void {
  onOtherTab(KEY, listener);
}

/** Returns 128 random bits as 26 characters of lower-case base32, which are also valid in a room name. */
export function randomToken(): string {
  let bits = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(17))) bits += byte.toString(2).padStart(8, "0");
  return (bits.slice(0, 130).match(/.{5}/g) ?? [])
    .map((five) => "abcdefghijklmnopqrstuvwxyz234567".charAt(Number.parseInt(five, 2)))
    .join("");
}
