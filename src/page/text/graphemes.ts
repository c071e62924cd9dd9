/** Grapheme clusters: the characters that users perceive. Pure. */

/** Made on first use, which is slow. */
let segmenter: Intl.Segmenter | undefined;

/** Returns the grapheme clusters of `text`, in order. */
export function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** Returns the first grapheme cluster of `text`, or `""`. */
export function firstGrapheme(text: string): string {
  // Two ASCII characters are two clusters.
  if (/^[!-~]{2}/.test(text)) return text.slice(0, 1);
  const [first] = graphemes(text);
  return first?.segment ?? "";
}
