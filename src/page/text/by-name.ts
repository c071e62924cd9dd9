/** The order of names as people look for them. Pure. */

interface Named {
  readonly user: string;
  readonly name: string;
}

const collators = new Map<string, Intl.Collator>();

/** `people` by name, as the language of `locale` orders them; those of one name by id. */
export function byName<T extends Named>(people: readonly T[], locale: string): readonly T[] {
  // Made when there are names to compare, and once: that takes a tenth of a second on a slow CPU.
  const collator = (): Intl.Collator => {
    const made = collators.get(locale) ?? new Intl.Collator(locale, { numeric: true });
    collators.set(locale, made);
    return made;
  };
  return people.toSorted((a, b) => collator().compare(a.name, b.name) || (a.user < b.user ? -1 : 1));
}
