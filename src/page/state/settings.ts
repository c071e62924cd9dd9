/** Settings of this browser: kept in its storage, shared by its tabs. */
import { computed, effect, signal } from "@preact/signals";
import * as v from "valibot";
import { onOtherTab, readItem, readJson, writeItem, writeJson } from "./storage.ts";

const Settings = v.object({
  theme: v.optional(v.picklist(["system", "light", "dark"]), "system"),
  language: v.optional(v.picklist(["system", "en", "zh"]), "system"),
  /** What a notification is shown for. */
  notify: v.optional(v.picklist(["none", "mentions", "all"]), "none"),
  sound: v.optional(v.boolean(), false),
  /** Display name; empty until one is chosen. */
  name: v.optional(v.string(), ""),
  /** Rooms that neither notify nor count on the icon. */
  muted: v.optional(v.array(v.string()), []),
});

export type Settings = v.InferOutput<typeof Settings>;

const NAME = "settings";

const load = (): Settings => readJson(NAME, Settings) ?? v.parse(Settings, {});

/** settings as they are now; change them with `changeSettings`. */
export const settings = signal<Settings>(load());

/** Changes some of the settings and keeps them. */
export function changeSettings(change: Partial<Settings>): void {
  settings.value = { ...settings.peek(), ...change };
  writeJson(NAME, settings.peek());
}

/** Name that was chosen; empty until then. */
export const ownName = computed(() => settings.value.name);

/** Follows the other tabs, and puts the theme on the document. Call once. */
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

/** Mutes a room, or ends that. */
export function muteRoom(room: string, muted: boolean): void {
  const others = settings.peek().muted.filter((name) => name !== room);
  changeSettings({ muted: muted ? [...others, room] : others });
}

/**
 * The secret from which each room derives this browser's user id: 128 random bits, made once.
 * It stays in this browser; only `hello` carries it.
 */
export function identityKey(): string {
  const kept = readItem("key");
  if (kept !== null && /^[A-Za-z0-9_-]{22,128}$/.test(kept)) return kept;
  const made = randomName();
  writeItem("key", made);
  return made;
}

/** 128 random bits as 26 characters of lower-case base32, which a room's name may hold as well. */
export function randomName(): string {
  let bits = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(17))) bits += byte.toString(2).padStart(8, "0");
  return (bits.slice(0, 130).match(/.{5}/g) ?? [])
    .map((five) => "abcdefghijklmnopqrstuvwxyz234567".charAt(Number.parseInt(five, 2)))
    .join("");
}
