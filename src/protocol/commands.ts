/** Commands: the lines that a client sends, one JSON object each. */
import * as v from "valibot";
import { accept, type CommandError, type Result, reject } from "./errors.ts";
import { LogCommand } from "./events.ts";
import { count, Id, Key, Name, On, Seq, singleLine, TEXT_BLANK, TEXT_TOO_LONG, Text } from "./fields.ts";
import { SentFiles } from "./files.ts";
import { DEFAULT_FOUND, DEFAULT_HISTORY, MAX_FOUND, MAX_HISTORY, MAX_QUERY_BYTES } from "./limits.ts";
import { ClaimRequest, OwnerSecret, PasswordProof } from "./notices.ts";

const Resume = v.object(
  {
    epoch: v.pipe(v.string("resume.epoch must be a string"), v.maxLength(64, "resume.epoch is too long")),
    seq: v.pipe(
      v.number("resume.seq must be a number"),
      v.safeInteger("resume.seq must be a whole number"),
      v.minValue(0, "resume.seq is 0 or more"),
    ),
  },
  "resume must be an object of epoch and seq",
);

const Hello = v.object({
  type: v.literal("hello"),
  name: v.exactOptional(Name),
  key: v.exactOptional(Key),
  resume: v.exactOptional(Resume),
  history: v.optional(count("history", 0, MAX_HISTORY), DEFAULT_HISTORY),
  /** Makes the user an owner of the room. */
  owner: v.exactOptional(OwnerSecret),
  /** Creates the room, with `owner` as the secret of its owner. */
  claim: v.exactOptional(ClaimRequest),
  password: v.exactOptional(PasswordProof),
});
const Rename = v.object({ type: v.literal("rename"), id: Id, name: Name });
const Typing = v.object({ type: v.literal("typing"), on: On });
const History = v.object({
  type: v.literal("history"),
  id: Id,
  before: Seq,
  limit: count("limit", 1, MAX_HISTORY),
});
const Search = v.object({
  type: v.literal("search"),
  id: Id,
  q: singleLine("q", MAX_QUERY_BYTES),
  before: v.exactOptional(Seq),
  limit: v.optional(count("limit", 1, MAX_FOUND), DEFAULT_FOUND),
});
const Ping = v.object({ type: v.literal("ping") });

const ClientCommand = v.variant("type", [
  Hello,
  ...LogCommand.options,
  Rename,
  Typing,
  History,
  Search,
  Ping,
]);
/** Schemas by type: a lookup is faster than the variant, which tries each option. */
const SCHEMAS = new Map(
  ClientCommand.options.map((schema) => [schema.entries.type.literal as unknown, schema]),
);

/** ClientCommand is any line that a client may send, with defaults filled in. */
export type ClientCommand = v.InferOutput<typeof ClientCommand>;

/** Command is the ClientCommand of one type. */
export type Command<T extends ClientCommand["type"]> = Extract<ClientCommand, { type: T }>;

/** ClientLine is a command as a client writes it: optional fields may be absent. */
export type ClientLine = v.InferInput<typeof ClientCommand>;

/** InvalidLine is the error of a line that is not a command. It has the line's `id` if that is valid. */
export interface InvalidLine extends CommandError {
  readonly id?: string;
  /** The line is not JSON at all. */
  readonly notJson?: true;
}

/** Parses one line of a `chat.v1` frame. */
export function parseCommand(
  line: string,
):
  | { readonly ok: true; readonly value: ClientCommand }
  | { readonly ok: false; readonly error: InvalidLine } {
  const json = parseJson(line);
  if (json === NOT_JSON) {
    return { ok: false, error: { code: "bad_request", message: "the line is not JSON", notJson: true } };
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return { ok: false, error: { code: "bad_request", message: "a line is one JSON object" } };
  }
  const id = ownField(json, "id");
  const withId = v.is(Id, id) ? { id } : {};
  const schema = SCHEMAS.get(ownField(json, "type"));
  if (schema === undefined) {
    return { ok: false, error: { code: "bad_request", message: "the type is unknown", ...withId } };
  }
  const parsed = v.safeParse(schema, json, { abortEarly: true, abortPipeEarly: true });
  if (!parsed.success) return { ok: false, error: { ...invalid(parsed.issues[0]), ...withId } };
  if (parsed.output.type === "send" && !hasContent(parsed.output))
    return { ok: false, error: { code: "bad_request", message: TEXT_BLANK, ...withId } };
  return { ok: true, value: parsed.output };
}

/** A message has a text or files. */
function hasContent({ text, files }: { readonly text: string; readonly files?: unknown }): boolean {
  return text !== "" || files !== undefined;
}

/** Body of `POST /api/rooms/:room/messages`. */
const Post = v.pipe(
  v.object({
    name: v.exactOptional(Name),
    key: v.exactOptional(Key),
    id: v.exactOptional(Id),
    text: Text,
    files: v.exactOptional(SentFiles),
  }),
  v.check((post) => hasContent(post), TEXT_BLANK),
  // Without a key each post has a new user, so its id could never match a second post.
  v.check(({ id, key }) => id === undefined || key !== undefined, "id needs a key"),
);

export type PostBody = v.InferOutput<typeof Post>;

/** Parses the JSON text of a message posted over HTTP. */
export function parsePost(body: string): Result<PostBody> {
  const json = parseJson(body);
  if (json === NOT_JSON) return reject("bad_request", "the body is not JSON");
  const parsed = v.safeParse(Post, json, { abortEarly: true, abortPipeEarly: true });
  if (parsed.success) return accept(parsed.output);
  const { code, message } = invalid(parsed.issues[0]);
  return reject(code, message);
}

const NOT_JSON = Symbol("not JSON");

/** Parses JSON. A field that is `null` counts as absent, so it is left out. */
function parseJson(text: string): unknown {
  try {
    // A reviver makes parsing slow, so only texts that may need it get one.
    return text.includes("null") ? JSON.parse(text, absentIfNull) : JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}

/** The value of the whole text has the name `""`. */
function absentIfNull(field: string, value: unknown): unknown {
  return value === null && field !== "" ? undefined : value;
}

function invalid(issue: v.BaseIssue<unknown>): CommandError {
  const path = v.getDotPath(issue);
  if (issue.message === TEXT_TOO_LONG) return { code: "too_long", message: TEXT_TOO_LONG };
  if (path !== null && issue.received === "undefined") {
    return { code: "bad_request", message: `${path} is missing` };
  }
  // Only the checks of a post are of a whole object and have messages of their own.
  const message = path === null && issue.kind === "schema" ? "this must be one JSON object" : issue.message;
  return { code: "bad_request", message };
}

/** Returns an object's own field: `__proto__` and the like are data here, never a prototype. */
function ownField(object: object, field: string): unknown {
  return Object.getOwnPropertyDescriptor(object, field)?.value;
}
