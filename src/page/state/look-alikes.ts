/** People present whose names look alike: each is shown with the tag of their id. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Member } from "../../protocol/events.ts";
import { skeleton } from "../text/skeleton.ts";

/** Users among `members` whose names look alike; the same set for as long as it has the same users. */
export function lookAlikesOf(
  members: ReadonlySignal<readonly Member[] | null>,
): ReadonlySignal<ReadonlySet<string>> {
  let last: ReadonlySet<string> = new Set();
  return computed(() => {
    const found = alike(members.value ?? [], skeleton.value);
    if (found.size !== last.size || [...found].some((user) => !last.has(user))) last = found;
    return last;
  });
}

/** Users among `members` whose names have one and the same skeleton. */
export function alike(members: readonly Member[], skeletonOf: (name: string) => string): ReadonlySet<string> {
  const byLook = new Map<string, string[]>();
  for (const { user, name } of members) {
    const look = skeletonOf(name);
    byLook.set(look, [...(byLook.get(look) ?? []), user]);
  }
  return new Set([...byLook.values()].filter((users) => users.length > 1).flat());
}
