/** Finds domains and e-mail addresses in plain text. Pure. */
import { LinkifyIt } from "linkify-it";
import { DOMAINS, mayHaveAddress } from "./domains.ts";
import { safeLink } from "./links.ts";
import { textWithMentions } from "./mentions.ts";
import type { Inline } from "./tree.ts";

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true, tlds: DOMAINS });

/** Splits `text` into links, mentions and the text between them. Mentions of `ownName` are marked as own. */
export function textWithLinks(text: string, ownName: string): Inline[] {
  const found: Inline[] = [];
  let rest = 0;
  for (const { schema, index, lastIndex, raw, url } of mayHaveAddress(text)
    ? (linkify.match(text) ?? [])
    : []) {
    const href = schema === "mailto:" ? url : safeLink(`https://${raw}`);
    // Marked has found the addresses with a scheme, except unsafe ones.
    if (href === null || (schema !== "" && schema !== "mailto:")) continue;
    found.push(...textWithMentions(text.slice(rest, index), ownName));
    found.push({ type: "link", href, children: [{ type: "text", text: raw }] });
    rest = lastIndex;
  }
  found.push(...textWithMentions(text.slice(rest), ownName));
  return found;
}
