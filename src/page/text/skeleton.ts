/** Skeletons of names: two names with one skeleton look alike (Unicode Technical Standard 39, section 4). */
import { signal } from "@preact/signals";

const foldCase = (name: string): string => name.normalize("NFD").toLowerCase().replace(/\s+/gu, "");

/** Returns the skeleton of a name. Until the table of look-alike characters is loaded, only letter case is folded. */
export const skeleton = signal<(name: string) => string>(foldCase);

/** Loads the table. */
export async function loadSkeleton(): Promise<void> {
  const { default: unhomoglyph } = await import("unhomoglyph");
  // Case is folded before, since case does not distinguish names, and after, since the table maps to capitals too.
  skeleton.value = (name) => foldCase(unhomoglyph(foldCase(unhomoglyph(name.normalize("NFD")))));
}
