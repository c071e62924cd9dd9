/** Origin: which pages may use the service from a browser. */
import type { Context } from "hono";

/**
 * Whether the request comes from a program, from the service's own page, or from an origin that ALLOWED_ORIGINS names.
 * The opaque origin `null` and other values that are no web origin are not allowed, unless they are named as written.
 */
export function isAllowedOrigin<E extends { Bindings: Env }>(c: Context<E>): boolean {
  const origin = c.req.header("Origin");
  if (origin === undefined) return true;
  const allowed = (c.env.ALLOWED_ORIGINS ?? "").split(",").map((entry) => entry.trim());
  const url = URL.canParse(origin) ? new URL(origin) : null;
  // Schemes of apps have no origin of their own, so they are compared as written.
  if (url === null || !/^https?:$/.test(url.protocol)) return origin !== "" && allowed.includes(origin);
  if (url.host === (c.req.header("Host") ?? new URL(c.req.url).host)) return true;
  return allowed.some((entry) => URL.canParse(entry) && new URL(entry).origin === url.origin);
}
