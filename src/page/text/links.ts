/** Addresses that a message may link to. Pure. */

/** `href` where it is a whole http or https address without a name or password in it, else `null`. */
export function safeLink(href: string): string | null {
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href)) return null;
  const url = new URL(href);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  if (url.username !== "" || url.password !== "" || url.hostname === "") return null;
  return url.href;
}
