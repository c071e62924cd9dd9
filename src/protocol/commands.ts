/** Commands: what a client may say, one JSON object a line, parsed where it comes in. */
import * as v from "valibot";
import { accept, type CommandError, type Result, reject } from "./errors.ts";
import { exceedsBytes, hasControls } from "./frame.ts";
import { DEFAULT_HISTORY, MAX_HISTORY, MAX_TEXT_BYTES } from "./limits.ts";

const TOO_LONG = `the text is over ${MAX_TEXT_BYTES} bytes`;

/** The client's own name of a command: 1 to 64 characters of `[A-Za-z0-9_-]`. */
const Id = v.pipe(
  v.string("id must be a string"),
  v.regex(/^[A-Za-z0-9_-]{1,64}$/, "id must be 1 to 64 characters of A-Z a-z 0-9 _ -"),
);

const Seq = v.pipe(
  v.number("a seq must be a number"),
  v.safeInteger("a seq must be a whole number"),
  v.minValue(1, "a seq is 1 or more"),
);

/** The secret that a client keeps: 128 bits or more. */
const Key = v.pipe(
  v.string("key must be a string"),
  v.regex(/^[A-Za-z0-9_-]{22,128}$/, "key must be 22 to 128 characters of A-Z a-z 0-9 _ -"),
);

const Name = v.string("name must be a string");

/** Text of a message. The log keeps UTF-8, which has no form for a lone surrogate. */
const Text = v.pipe(
  v.string("text must be a string"),
  v.check((text) => !exceedsBytes(text, MAX_TEXT_BYTES), TOO_LONG),
  v.check((text) => text.isWellFormed(), "text must be well-formed Unicode"),
  v.check((text) => !hasControls(text), "text must not contain control characters"),
  v.check((text) => text.trim() !== "", "text must not be blank"),
);

const Emoji = v.pipe(
  v.string("emoji must be a string"),
  v.regex(/^\p{RGI_Emoji}$/v, "emoji must be one emoji"),
);

const On = v.boolean("on must be true or false");

const count = (most: number, least: number, name: string) =>
  v.pipe(
    v.number(`${name} must be a number`),
    v.integer(`${name} must be a whole number`),
    v.minValue(least, `${name} is ${least} or more`),
    v.maxValue(most, `${name} is ${most} at most`),
  );

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

const COMMANDS = {
  hello: v.object({
    type: v.literal("hello"),
    name: v.exactOptional(Name),
    key: v.exactOptional(Key),
    resume: v.exactOptional(Resume),
    history: v.optional(count(MAX_HISTORY, 0, "history"), DEFAULT_HISTORY),
  }),
  send: v.object({ type: v.literal("send"), id: Id, text: Text, reply: v.exactOptional(Seq) }),
  edit: v.object({ type: v.literal("edit"), id: Id, target: Seq, text: Text }),
  delete: v.object({ type: v.literal("delete"), id: Id, target: Seq }),
  react: v.object({ type: v.literal("react"), id: Id, target: Seq, emoji: Emoji, on: On }),
  rename: v.object({ type: v.literal("rename"), id: Id, name: Name }),
  typing: v.object({ type: v.literal("typing"), on: On }),
  history: v.object({
    type: v.literal("history"),
    id: Id,
    before: Seq,
    limit: count(MAX_HISTORY, 1, "limit"),
  }),
  ping: v.object({ type: v.literal("ping") }),
} as const;

type Schemas = typeof COMMANDS;

/** ClientCommand is any line that a client may send. */
export type ClientCommand = { [T in keyof Schemas]: v.InferOutput<Schemas[T]> }[keyof Schemas];

/** Command is the ClientCommand of one type. */
export type Command<T extends ClientCommand["type"]> = Extract<ClientCommand, { type: T }>;

/** What `hello` looks like before the defaults are filled in: the form that a client writes. */
export type ClientLine = v.InferInput<Schemas[keyof Schemas]>;

/** InvalidLine is a line that is no command. `id` is there where the line had a usable one. */
export interface InvalidLine extends CommandError {
  readonly id?: string;
  /** The line was no JSON at all. */
  readonly notJson?: true;
}

/** Parses one line of a `chat.v1` frame. */
export function parseCommand(
  line: string,
):
  | { readonly ok: true; readonly value: ClientCommand }
  | { readonly ok: false; readonly error: InvalidLine } {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return { ok: false, error: { code: "bad_request", message: "the line is not JSON", notJson: true } };
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return { ok: false, error: { code: "bad_request", message: "a line is one JSON object" } };
  }
  const id = ownString(json, "id");
  const withId = v.is(Id, id) ? { id } : {};
  const type = ownString(json, "type");
  if (type === undefined || !isCommandType(type)) {
    return { ok: false, error: { code: "bad_request", message: "the type is unknown", ...withId } };
  }
  const parsed = v.safeParse(COMMANDS[type], json, { abortEarly: true, abortPipeEarly: true });
  if (parsed.success) return { ok: true, value: parsed.output };
  const message = sentence(parsed.issues[0]);
  return {
    ok: false,
    error: { code: message === TOO_LONG ? "too_long" : "bad_request", message, ...withId },
  };
}

/** Body of `POST /api/rooms/:room/messages`. */
const Post = v.object({
  name: v.exactOptional(Name),
  key: v.exactOptional(Key),
  id: v.exactOptional(Id),
  text: Text,
});

export type PostBody = v.InferOutput<typeof Post>;

/** Parses the JSON text of a message posted over HTTP. */
export function parsePost(body: string): Result<PostBody> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return reject("bad_request", "the body is not JSON");
  }
  const parsed = v.safeParse(Post, json, { abortEarly: true, abortPipeEarly: true });
  if (parsed.success) return accept(parsed.output);
  const message = sentence(parsed.issues[0]);
  return reject(message === TOO_LONG ? "too_long" : "bad_request", message);
}

/** What is wrong, for people: each check has its own words, but for a field that is not there. */
function sentence(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (path === null) return "this must be one JSON object";
  return issue.received === "undefined" ? `${path} is missing` : issue.message;
}

function isCommandType(type: string): type is keyof Schemas {
  return Object.hasOwn(COMMANDS, type);
}

/** An object's own string field: `__proto__` and its like are data here, never a prototype. */
function ownString(object: object, field: string): string | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(object, field)?.value;
  return typeof value === "string" ? value : undefined;
}
