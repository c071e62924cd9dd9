/** Values in localStorage. Never throws: where storage is forbidden or full, values live as long as the page. */
import * as v from "valibot";

const PREFIX = "edge-chat:";
/** Values under names with this prefix are copies of server data: they are removed first when storage is full. */
export const CACHE_PREFIX = "cache:";

const fallback = new Map<string, string>();

/** Returns the value stored under `name`, or `null`. */
export function readItem(name: string): string | null {
  const kept = fallback.get(name);
  if (kept !== undefined) return kept;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Stores `value` under `name`; `null` removes it. */
export function writeItem(name: string, value: string | null): void {
  fallback.delete(name);
  if (store(name, value)) return;
  dropCaches();
  if (!store(name, value) && value !== null) fallback.set(name, value);
}

/** Returns the JSON value stored under `name`, or `undefined` if there is none that matches `schema`. */
export function readJson<S extends v.GenericSchema>(name: string, schema: S): v.InferOutput<S> | undefined {
  const text = readItem(name);
  if (text === null) return undefined;
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Stores `value` as JSON under `name`. */
export function writeJson(name: string, value: unknown): void {
  writeItem(name, JSON.stringify(value));
}

/** Returns all names in use that begin with `start`. */
export function itemNames(start: string): string[] {
  const names = new Set([...fallback.keys()].filter((name) => name.startsWith(start)));
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX + start)) names.add(name.slice(PREFIX.length));
    }
  } catch {
    // Storage is forbidden: only the values in memory exist.
  }
  return [...names];
}

/** Calls `listener` when another tab changes the value stored under `name`. */
export function onOtherTab(name: string, listener: () => void): void {
  addEventListener("storage", (event) => {
    if (event.key === PREFIX + name) listener();
  });
}

function store(name: string, value: string | null): boolean {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
    return true;
  } catch {
    return false;
  }
}

function dropCaches(): void {
  for (const name of itemNames(CACHE_PREFIX)) store(name, null);
}
