/** Users whose names look alike: the page shows the tag of the user id beside each of these names. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Member } from "../../protocol/server-lines.ts";
import { skeleton } from "../text/skeleton.ts";
import { type Item, isGap } from "./rows.ts";

/**
 * LookAlikes collects the names of a room's people and messages. A user stays in the set once the names collide, also
 * after the other user leaves or takes another name.
 */
export class LookAlikes {
  readonly users: ReadonlySignal<ReadonlySet<string>>;
  readonly #names = new Map<string, Set<string>>();
  /** Counts the changes of `#names`. */
  readonly #version = signal(0);
  /** Messages that were added before. */
  #items: readonly Item[] = [];

  constructor() {
    let last: ReadonlySet<string> = new Set();
    this.users = computed(() => {
      this.#version.value;
      const found = alike(this.#names, skeleton.value);
      if (found.size !== last.size) last = found;
      return last;
    });
  }

  addPeople(people: Iterable<Member>): void {
    let isNew = false;
    for (const { user, name } of people) {
      const names = this.#names.get(user) ?? new Set();
      if (names.has(name)) continue;
      this.#names.set(user, names.add(name));
      isNew = true;
    }
    if (isNew) this.#version.value += 1;
  }

  /** Adds the authors of the messages that are new in `items`. */
  addAuthors(items: readonly Item[]): void {
    const [first, last] = [this.#items[0], this.#items.at(-1)];
    const isOlder = (item: Item): boolean => first !== undefined && seqOf(item) < seqOf(first);
    const isNewer = (item: Item): boolean => last !== undefined && seqOf(item) > seqOf(last);
    const firstKnown = items.findIndex((item) => !isOlder(item));
    const older = firstKnown < 0 ? items.length : firstKnown;
    const newer = items.findLastIndex((item) => !isNewer(item)) + 1;
    // Most new messages are at an end; others fill a gap.
    const hasMore = newer - older !== this.#items.length;
    const added = hasMore ? items : [...items.slice(0, older), ...items.slice(newer)];
    this.#items = items;
    this.addPeople(added.flatMap((item) => (isGap(item) ? [] : [item])));
  }
}

function seqOf(item: Item): number {
  return isGap(item) ? item.after : item.seq;
}

const skeletons = new Map<string, string>();
let skeletonsOf: ((name: string) => string) | undefined;

/** Returns the users of whose names at least one has the same skeleton as a name of another user. */
function alike(
  names: ReadonlyMap<string, ReadonlySet<string>>,
  skeletonOf: (name: string) => string,
): ReadonlySet<string> {
  if (skeletonsOf !== skeletonOf) skeletons.clear();
  skeletonsOf = skeletonOf;
  const users = new Map<string, Set<string>>();
  for (const [user, own] of names) {
    for (const name of own) {
      const key = skeletons.get(name) ?? skeletonOf(name);
      skeletons.set(name, key);
      users.set(key, (users.get(key) ?? new Set()).add(user));
    }
  }
  return new Set([...users.values()].filter((alike) => alike.size > 1).flatMap((alike) => [...alike]));
}
