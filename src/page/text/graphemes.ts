/** Grapheme clusters: what people take for one character. Pure. */

/** Made when it is first needed: the first one takes its time. */
let segmenter: Intl.Segmenter | undefined;

/** Grapheme clusters of `text`, in order. */
export function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** The first grapheme cluster of `text`, or `""`. */
export function firstGrapheme(text: string): string {
  // Nothing of ASCII joins what goes before it.
  if (/^[!-~]{2}/.test(text)) return text.slice(0, 1);
  const [first] = graphemes(text);
  return first?.segment ?? "";
}
