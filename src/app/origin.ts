/** Origin: which pages may use the service from a browser. */
import type { Context } from "hono";

/**
 * Whether the request comes from no browser, from the service's own page, or from an origin that
 * ALLOWED_ORIGINS names. An opaque origin, `null`, is nobody's.
 */
export function isAllowedOrigin(c: Context<{ Bindings: Env }>): boolean {
  const origin = c.req.header("Origin");
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const { host, origin: canonical } = new URL(origin);
  if (host === (c.req.header("Host") ?? new URL(c.req.url).host)) return true;
  const allowed = (c.env.ALLOWED_ORIGINS ?? "").split(",").map((entry) => entry.trim());
  // Schemes without an origin of their own all have the opaque one: they are compared as they are written.
  if (canonical === "null") return allowed.includes(origin);
  return allowed.some((entry) => URL.canParse(entry) && new URL(entry).origin === canonical);
}
