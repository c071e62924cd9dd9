/** Upgrade: which handshakes reach a room, and with what words the others are refused. */
import type { Context } from "hono";
import { canonicalRoomName, DEFAULT_ROOM, SUBPROTOCOL } from "../protocol/index.ts";
import { isAllowedOrigin } from "./origin.ts";

type AppContext = Context<{ Bindings: Env }>;

/** Refused is an upgrade's refusal: a status, a line that says why, and headers. */
interface Refused {
  readonly status: 400 | 403 | 405 | 426 | 429;
  readonly reason: string;
  readonly headers?: Record<string, string>;
}

/**
 * Hands a WebSocket handshake to its room. It is checked before any Durable Object is touched,
 * and nothing here alters the room's answer: a 101 with other headers becomes a 500.
 */
export async function upgrade(c: AppContext): Promise<Response> {
  const room = roomOf(new URL(c.req.url).pathname);
  const refused = refusalOf(c, room) ?? (await tooMany(c));
  if (refused !== null || room === null) {
    const { status, reason, headers } = refused ?? INVALID_ROOM;
    return c.text(`${reason}\n`, status, { "X-Content-Type-Options": "nosniff", ...headers });
  }
  return c.env.ROOMS.getByName(room).fetch(c.req.raw);
}

const INVALID_ROOM: Refused = { status: 400, reason: "the room name is invalid" };

/** Canonical name of the room that `/ws` or `/ws/NAME` means, or `null`. */
function roomOf(pathname: string): string | null {
  return pathname === "/ws" ? DEFAULT_ROOM : canonicalRoomName(pathname.slice("/ws/".length));
}

function refusalOf(c: AppContext, room: string | null): Refused | null {
  if (c.req.method !== "GET") {
    return { status: 405, reason: "a WebSocket is opened with GET", headers: { Allow: "GET" } };
  }
  if (!tokens(c.req.header("Upgrade")?.toLowerCase()).includes("websocket")) {
    return { status: 426, reason: "this address speaks WebSocket", headers: { Upgrade: "websocket" } };
  }
  if (c.req.header("Sec-WebSocket-Version") !== "13") {
    return {
      status: 400,
      reason: "the WebSocket version must be 13",
      headers: { "Sec-WebSocket-Version": "13" },
    };
  }
  if (room === null) return INVALID_ROOM;
  if (!isAllowedOrigin(c)) return { status: 403, reason: "pages of this origin may not connect" };
  const offered = c.req.header("Sec-WebSocket-Protocol");
  if (offered !== undefined && !tokens(offered).includes(SUBPROTOCOL)) {
    return { status: 400, reason: `the subprotocol must be ${SUBPROTOCOL}, or none` };
  }
  return null;
}

/** Period of the limit in wrangler.toml, in seconds: after it, its count starts anew. */
const LIMIT_PERIOD_S = 60;

/** The refusal of an address that opened too many sockets, where the limit is configured. */
async function tooMany(c: AppContext): Promise<Refused | null> {
  const limiter: RateLimit | undefined = c.env.UPGRADES;
  const address = c.req.header("CF-Connecting-IP");
  if (limiter === undefined || address === undefined) return null;
  // A limiter that fails lets everyone in: the room has limits of its own.
  const { success } = await limiter.limit({ key: address }).catch(() => ({ success: true }));
  if (success) return null;
  return {
    status: 429,
    reason: "too many connections from this address: try again in a minute",
    headers: { "Retry-After": `${LIMIT_PERIOD_S}` },
  };
}

/** Members of a comma-separated header. */
function tokens(header: string | undefined): string[] {
  return (header ?? "").split(",").map((token) => token.trim());
}
