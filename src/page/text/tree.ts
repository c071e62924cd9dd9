/** The tree of a message's text. Components map it to elements, so no string ever becomes markup. */

export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "mention"; readonly text: string; readonly own: boolean }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "break" }
  | { readonly type: "strong" | "em" | "del"; readonly children: readonly Inline[] }
  | { readonly type: "link"; readonly href: string; readonly children: readonly Inline[] };

/** TextBlock is a part of a message on lines of its own. */
export type TextBlock =
  /** Empty lines, besides the one that separates paragraphs. */
  | { readonly type: "empty"; readonly lines: number }
  | { readonly type: "paragraph"; readonly children: readonly Inline[] }
  | { readonly type: "quote"; readonly children: readonly TextBlock[] }
  | { readonly type: "code"; readonly text: string; readonly language: string }
  | {
      readonly type: "list";
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly TextBlock[])[];
    };
