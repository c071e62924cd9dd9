/** API: a room over HTTP, as JSON, for programs that hold no socket. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import * as v from "valibot";
import {
  canonicalRoomName,
  DEFAULT_HISTORY,
  ERROR_STATUS,
  type ErrorCode,
  MAX_FRAME_BYTES,
  MAX_HISTORY,
  parsePost,
} from "../protocol/index.ts";
import { isAllowedOrigin } from "./origin.ts";

type AppContext = Context<{ Bindings: Env }>;

/** Codes of this API alone: they are about reading the log and not about a command. */
const READ_STATUS = { epoch: 409, pruned: 410, method_not_allowed: 405, unavailable: 503 } as const;
const STATUS = { ...ERROR_STATUS, ...READ_STATUS };

/** An error as every call here answers it. */
export function apiError(
  c: AppContext,
  code: ErrorCode | keyof typeof READ_STATUS,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return c.json({ error: { code, message } }, STATUS[code], headers);
}

const whole = (least: number, most: number) =>
  v.pipe(v.string(), v.regex(/^\d{1,16}$/), v.transform(Number), v.minValue(least), v.maxValue(most));

const Query = v.object({
  before: v.exactOptional(whole(1, Number.MAX_SAFE_INTEGER)),
  after: v.exactOptional(whole(0, Number.MAX_SAFE_INTEGER)),
  epoch: v.exactOptional(v.string()),
  limit: v.optional(whole(1, MAX_HISTORY), `${DEFAULT_HISTORY}`),
});

export const api = new Hono<{ Bindings: Env }>();

// Whoever may not post is refused by their origin, below.
api.use("*", cors({ origin: "*", allowMethods: ["GET", "HEAD", "POST"], allowHeaders: ["Content-Type"] }));

api.get("/rooms/:room", async (c) => {
  const room = roomOf(c);
  if (room === null) return invalidRoom(c);
  return c.json(await c.env.ROOMS.getByName(room).summary());
});

api.get("/rooms/:room/messages", async (c) => {
  const room = roomOf(c);
  if (room === null) return invalidRoom(c);
  const query = v.safeParse(Query, c.req.query());
  if (!query.success || (query.output.before !== undefined && query.output.after !== undefined)) {
    return apiError(c, "bad_request", `before or after is a seq, and limit is 1 to ${MAX_HISTORY}`);
  }
  const { before, after, epoch, limit } = query.output;
  const stub = c.env.ROOMS.getByName(room);
  if (after === undefined) return c.json(await stub.messagesBefore(before ?? Number.MAX_SAFE_INTEGER, limit));
  const page = await stub.eventsAfter(after, epoch, limit);
  if (page === "epoch") return apiError(c, "epoch", "the room's log is another than the one of this epoch");
  if (page === "pruned") return apiError(c, "pruned", "some of the events after this seq are gone");
  return c.json(page);
});

api.post(
  "/rooms/:room/messages",
  bodyLimit({
    maxSize: MAX_FRAME_BYTES,
    onError: (c) =>
      c.json({ error: { code: "too_long", message: `the body is over ${MAX_FRAME_BYTES} bytes` } }, 413),
  }),
  async (c) => {
    const room = roomOf(c);
    if (room === null) return invalidRoom(c);
    // A page elsewhere could post without asking first, with a body that it calls plain text.
    if (!isAllowedOrigin(c)) return apiError(c, "forbidden", "pages of this origin may not post");
    const body = parsePost(await c.req.text());
    if (!body.ok) return apiError(c, body.error.code, body.error.message);
    const address = c.req.header("CF-Connecting-IP") ?? "";
    const posted = await c.env.ROOMS.getByName(room).post(body.value, address);
    if (posted.ok) {
      const { seq, user, repeated } = posted.value;
      return c.json({ seq, user }, repeated ? 200 : 201);
    }
    const { code, message, retryAfter } = posted.error;
    const headers = retryAfter === undefined ? {} : { "Retry-After": `${Math.ceil(retryAfter / 1000)}` };
    return apiError(c, code, message, headers);
  },
);

api.all("/rooms/:room", (c) =>
  apiError(c, "method_not_allowed", "read this with GET", { Allow: "GET, HEAD" }),
);
api.all("/rooms/:room/messages", (c) =>
  apiError(c, "method_not_allowed", "read this with GET, write with POST", { Allow: "GET, HEAD, POST" }),
);
api.all("*", (c) => apiError(c, "not_found", "there is no such call"));

/** Canonical name of the room in the path, from its bytes: Hono's own decoding is lenient. */
function roomOf(c: AppContext): string | null {
  return canonicalRoomName(new URL(c.req.url).pathname.split("/")[3] ?? "");
}

function invalidRoom(c: AppContext): Response {
  return apiError(c, "bad_request", "the room name is invalid");
}
