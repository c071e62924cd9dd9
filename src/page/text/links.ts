/** Checks addresses that a message links to. Pure. */

/** Returns `href` if it is a full http or https address without user name and password, else `null`. */
export function safeLink(href: string): string | null {
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href)) return null;
  const url = new URL(href);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  if (url.username !== "" || url.password !== "" || url.hostname === "") return null;
  return url.href;
}
