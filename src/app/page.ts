/** Page: the one HTML file behind the address of every room. */
import type { Context } from "hono";
import { canonicalRoomName } from "../protocol/index.ts";

type AppContext = Context<{ Bindings: Env }>;

/** Answers `/r/NAME` with the page, or redirects to the canonical spelling. */
export function page(c: AppContext): Response | Promise<Response> {
  const url = new URL(c.req.url);
  const segment = url.pathname.slice("/r/".length);
  const room = canonicalRoomName(segment);
  if (room === null) return pageNotFound(c);
  const canonical = encodeURIComponent(room);
  if (segment !== canonical) return c.redirect(`/r/${canonical}${url.search}`, 308);
  return c.env.ASSETS.fetch(new Request(new URL("/", url), c.req.raw));
}

/** Answers with the page for a missing address. */
export async function pageNotFound(c: AppContext): Promise<Response> {
  const page = await c.env.ASSETS.fetch(new URL("/404", c.req.url));
  return new Response(page.body, { status: 404, headers: page.headers });
}
