/** Users whose names look alike: the page shows the tag of the user id beside each of these names. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Member } from "../../protocol/server-lines.ts";
import { skeleton } from "../text/skeleton.ts";

/** Users among `members` whose names look alike. The set keeps its identity while it has the same users. */
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

/** Users among `members` whose name has the same skeleton as another user's name. */
export function alike(members: readonly Member[], skeletonOf: (name: string) => string): ReadonlySet<string> {
  const bySkeleton = new Map<string, string[]>();
  for (const { user, name } of members) {
    const key = skeletonOf(name);
    bySkeleton.set(key, [...(bySkeleton.get(key) ?? []), user]);
  }
  return new Set([...bySkeleton.values()].filter((users) => users.length > 1).flat());
}
