/** Skeletons of names: two names with one skeleton look alike (Unicode Technical Standard 39, section 4). */
import { signal } from "@preact/signals";

const foldCase = (name: string): string => name.normalize("NFD").toLowerCase().replace(/\s+/gu, "");

/** What a name looks like. Until the table of look-alike characters has come, only letter case is folded. */
export const skeleton = signal<(name: string) => string>(foldCase);

/** Fetches the table. Call when the page has nothing more urgent to do. */
export async function loadSkeleton(): Promise<void> {
  const { default: unhomoglyph } = await import("unhomoglyph");
  // Case is folded before, as people see no difference in meaning, and after, as the table maps to capitals too.
  skeleton.value = (name) => foldCase(unhomoglyph(foldCase(unhomoglyph(name.normalize("NFD")))));
}
