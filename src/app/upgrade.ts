/** Upgrade: checks WebSocket handshakes and hands them to their room. */
import type { Context } from "hono";
import { canonicalRoomName, DEFAULT_ROOM, networkOf, SUBPROTOCOL } from "../protocol/index.ts";
import { type EnterEnv, enter } from "./enter.ts";
import { textError } from "./errors.ts";
import { isAllowedOrigin } from "./origin.ts";

type AppContext = Context<{ Bindings: EnterEnv }>;

/**
 * Hands a WebSocket handshake to its room. It is checked before any Durable Object is started. The room's answer is
 * returned as it is: changing a header of a 101 makes it a 500.
 */
export async function upgrade(c: AppContext): Promise<Response> {
  checkRequest(c);
  const room = roomOf(new URL(c.req.url).pathname);
  if (room === null) throw textError(400, "the room name is invalid");
  if (!isAllowedOrigin(c)) throw textError(403, "pages of this origin may not connect");
  const offered = c.req.header("Sec-WebSocket-Protocol");
  if (offered !== undefined && !tokens(offered).includes(SUBPROTOCOL)) {
    throw textError(400, `the subprotocol must be ${SUBPROTOCOL}, or none`);
  }
  await checkRate(c);
  return enter(room, c.req.raw, c.env);
}

/** Returns the canonical name of the room of `/ws` or `/ws/NAME`, or `null`. */
function roomOf(pathname: string): string | null {
  return pathname === "/ws" ? DEFAULT_ROOM : canonicalRoomName(pathname.slice("/ws/".length));
}

function checkRequest(c: AppContext): void {
  if (c.req.method !== "GET") throw textError(405, "a WebSocket is opened with GET", { Allow: "GET" });
  if (!tokens(c.req.header("Upgrade")?.toLowerCase()).includes("websocket")) {
    throw textError(426, "this address speaks WebSocket", { Upgrade: "websocket" });
  }
  if (c.req.header("Sec-WebSocket-Version") !== "13") {
    throw textError(400, "the WebSocket version must be 13", { "Sec-WebSocket-Version": "13" });
  }
}

/** Period of the limit in wrangler.toml, in seconds. */
const LIMIT_PERIOD_S = 60;

/** Limits the sockets that one address opens, if the limit is configured. */
async function checkRate(c: AppContext): Promise<void> {
  const limiter: RateLimit | undefined = c.env.UPGRADES;
  const address = c.req.header("CF-Connecting-IP");
  if (limiter === undefined || address === undefined) return;
  // If the limiter fails, the connection is allowed: the room has limits of its own.
  const { success } = await limiter.limit({ key: networkOf(address) }).catch(() => ({ success: true }));
  if (success) return;
  throw textError(429, "too many connections from this address: try again in a minute", {
    "Retry-After": `${LIMIT_PERIOD_S}`,
  });
}

/** Returns the members of a comma-separated header. */
function tokens(header: string | undefined): string[] {
  return (header ?? "").split(",").map((token) => token.trim());
}
