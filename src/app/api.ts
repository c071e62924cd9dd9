/** API: a room over HTTP as JSON, for programs without a socket. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import * as v from "valibot";
import {
  type CommandError,
  canonicalRoomName,
  DEFAULT_FOUND,
  DEFAULT_HISTORY,
  Key,
  MAX_FOUND,
  MAX_FRAME_BYTES,
  MAX_HISTORY,
  MAX_IMPORT_BYTES,
  MAX_QUERY_BYTES,
  networkOf,
  PasswordProof,
  parsePost,
  singleLine,
} from "../protocol/index.ts";
import { type ApiErrorCode, apiError, retryAfter } from "./errors.ts";
import { exportStream } from "./export.ts";
import { EXPORT_FORMATS } from "./export-formats.ts";
import { download, filesOf, upload } from "./files.ts";
import { isAllowedOrigin } from "./origin.ts";

/** Environment of the routes whose path names a room. */
interface RoomEnv {
  Bindings: Env;
  Variables: {
    /** Canonical name of the room. */
    room: string;
  };
}

const whole = (least: number, most: number) =>
  v.pipe(v.string(), v.regex(/^\d{1,16}$/), v.transform(Number), v.minValue(least), v.maxValue(most));

const Query = v.object({
  before: v.exactOptional(whole(1, Number.MAX_SAFE_INTEGER)),
  after: v.exactOptional(whole(0, Number.MAX_SAFE_INTEGER)),
  epoch: v.exactOptional(v.string()),
  limit: v.optional(whole(1, MAX_HISTORY), `${DEFAULT_HISTORY}`),
});

const Search = v.object({
  q: singleLine("q", MAX_QUERY_BYTES),
  before: v.exactOptional(whole(1, Number.MAX_SAFE_INTEGER)),
  limit: v.optional(whole(1, MAX_FOUND), `${DEFAULT_FOUND}`),
});

/** Header with the proof of the room's password. */
const PASSWORD_HEADER = "X-Room-Password";

export const api = new Hono<RoomEnv>();

// Any page may read. Posts check the origin themselves.
const allowHeaders = ["Content-Type", "Authorization", PASSWORD_HEADER];
api.use("*", cors({ origin: "*", allowMethods: ["GET", "HEAD", "POST"], allowHeaders }));

api.use("/rooms/:room/*", async (c, next) => {
  // From the path's bytes, because Hono's decoding is lenient.
  const room = canonicalRoomName(new URL(c.req.url).pathname.split("/")[3] ?? "");
  if (room === null) throw apiError("bad_request", "the room name is invalid");
  c.set("room", room);
  await next();
});

api.get("/rooms/:room", async (c) => c.json(await accepted(room(c).summary(caller(c)))));

api.get("/rooms/:room/messages", async (c) => {
  const query = v.safeParse(Query, c.req.query());
  if (!query.success || (query.output.before !== undefined && query.output.after !== undefined)) {
    throw apiError("bad_request", `before or after is a seq, and limit is 1 to ${MAX_HISTORY}`);
  }
  const { before = Number.MAX_SAFE_INTEGER, after, epoch, limit } = query.output;
  const page =
    after === undefined
      ? room(c).messagesBefore(before, limit, caller(c))
      : room(c).eventsAfter(after, epoch, limit, caller(c));
  return c.json(await accepted(page));
});

api.get("/rooms/:room/search", async (c) => {
  const query = v.safeParse(Search, c.req.query());
  if (!query.success) {
    throw apiError("bad_request", `q is up to ${MAX_QUERY_BYTES} bytes, and limit is 1 to ${MAX_FOUND}`);
  }
  const { q, before = Number.MAX_SAFE_INTEGER, limit } = query.output;
  return c.json(await accepted(room(c).search(q, before, limit, caller(c))));
});

api.get("/rooms/:room/export", async (c) => {
  const format = EXPORT_FORMATS.get(c.req.query("format") ?? "jsonl");
  if (format === undefined) {
    throw apiError("bad_request", `format is ${[...EXPORT_FORMATS.keys()].join(", ")}`);
  }
  const start = await accepted(room(c).startExport(caller(c)));
  const files = c.req.query("files") === "1" ? filesOf(c) : null;
  const stream = exportStream(
    format,
    start,
    (seq, limit) => room(c).exportPage(start.epoch, seq, limit),
    files && ((id) => files.exported(id)),
  );
  const name = encodeURIComponent(`${c.var.room}.${c.req.query("format") ?? "jsonl"}`);
  return c.body(stream, 200, {
    "Content-Type": format.contentType,
    "Content-Disposition": `attachment; filename*=UTF-8''${name}`,
    "Cache-Control": "no-store",
  });
});

api.post(
  "/rooms/:room/messages",
  bodyLimit({
    maxSize: MAX_FRAME_BYTES,
    onError: () => {
      throw apiError("too_long", `the body is over ${MAX_FRAME_BYTES} bytes`);
    },
  }),
  async (c) => {
    // A page of another origin can post without a preflight, with a body declared as plain text.
    if (!isAllowedOrigin(c)) throw apiError("forbidden", "pages of this origin may not post");
    const body = parsePost(await c.req.text());
    if (!body.ok) throw apiError(body.error.code, body.error.message);
    const { seq, user, repeated } = await accepted(room(c).post(body.value, caller(c)));
    return c.json({ seq, user }, repeated ? 200 : 201);
  },
);

api.post("/rooms/:room/import", async (c) => {
  if (!isAllowedOrigin(c)) throw apiError("forbidden", "pages of this origin may not post");
  const size = Number(c.req.header("Content-Length") ?? 0);
  if (size > MAX_IMPORT_BYTES) throw apiError("too_long", `the file is over ${MAX_IMPORT_BYTES} bytes`);
  const file = c.req.raw.body;
  if (file === null) throw apiError("bad_request", "the body must be a file of an export");
  const name = c.req.query("name") ?? "";
  return c.json(await accepted(room(c).import(file, name, caller(c))), 201);
});

api.post("/rooms/:room/files", async (c) => {
  if (!isAllowedOrigin(c)) throw apiError("forbidden", "pages of this origin may not post");
  return c.json(await accepted(upload(c, caller(c))), 201);
});

// The name at the end makes the address readable, and is ignored.
for (const path of ["/rooms/:room/files/:id", "/rooms/:room/files/:id/:name"]) {
  api.get(path, async (c) => accepted(download(c, c.req.param("id") ?? "", caller(c))));
  api.all(path, () => {
    throw apiError("method_not_allowed", "read this with GET", { headers: { Allow: "GET, HEAD" } });
  });
}

api.all("/rooms/:room", () => {
  throw apiError("method_not_allowed", "read this with GET", { headers: { Allow: "GET, HEAD" } });
});
for (const call of ["search", "export"]) {
  api.all(`/rooms/:room/${call}`, () => {
    throw apiError("method_not_allowed", "read this with GET", { headers: { Allow: "GET, HEAD" } });
  });
}
api.all("/rooms/:room/import", () => {
  throw apiError("method_not_allowed", "write this with POST", { headers: { Allow: "POST" } });
});
api.all("/rooms/:room/messages", () => {
  throw apiError("method_not_allowed", "read this with GET, write with POST", {
    headers: { Allow: "GET, HEAD, POST" },
  });
});
api.all("/rooms/:room/files", () => {
  throw apiError("method_not_allowed", "upload with POST", { headers: { Allow: "POST" } });
});
api.all("*", () => {
  throw apiError("not_found", "there is no such call");
});

function room(c: Context<RoomEnv>) {
  return c.env.ROOMS.getByName(c.var.room);
}

/** Returns the caller, from the headers of the request: secrets in a URL would be logged. */
function caller(c: Context<RoomEnv>): { network: string; key?: string; password?: string } {
  const authorization = c.req.header("Authorization");
  const password = c.req.header(PASSWORD_HEADER);
  const key = authorization === undefined ? undefined : /^Bearer +(.+)$/i.exec(authorization)?.[1];
  if (authorization !== undefined && !v.is(Key, key)) {
    throw apiError("bad_request", "Authorization must be Bearer and a key");
  }
  if (password !== undefined && !v.is(PasswordProof, password)) {
    throw apiError("bad_request", `${PASSWORD_HEADER} must be the 43 characters derived from the password`);
  }
  return {
    network: networkOf(c.req.header("CF-Connecting-IP") ?? ""),
    ...(key !== undefined && { key }),
    ...(password !== undefined && { password }),
  };
}

/** Returns the value of a room's answer, or throws its error. */
async function accepted<T>(
  answer: Promise<
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: Omit<CommandError, "code"> & { code: ApiErrorCode } }
  >,
): Promise<T> {
  const result = await answer;
  if (result.ok) return result.value;
  const { code, message, retryAfter: ms, ...details } = result.error;
  throw apiError(code, message, { headers: retryAfter(ms), details });
}
