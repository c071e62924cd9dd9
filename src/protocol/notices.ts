/**
 * Notices: events about the room and its people. A timeline shows each as one line between the messages.
 * They are declared as in `events.ts`: a command, and an event with the same fields.
 */
import * as v from "valibot";
import { count, EVENT_BASE, Id, On, Seq, singleLine } from "./fields.ts";
import {
  MAX_REASON_BYTES,
  MAX_RESTRICTION_MS,
  MAX_SLOW_MODE_MS,
  MAX_TITLE_BYTES,
  MAX_TOPIC_BYTES,
} from "./limits.ts";
import { Retention } from "./retention.ts";

const User = v.pipe(
  v.string("member must be a string"),
  v.regex(/^[a-z2-7]{10}$/, "member must be a user id"),
);
/** Milliseconds; 0 lifts the restriction, absent: until it is lifted. */
const Duration = count("duration", 0, MAX_RESTRICTION_MS);
const Reason = singleLine("reason", MAX_REASON_BYTES);

/** Entry is who may enter a room: anyone, anyone with its password, or people that a moderator lets in. */
export const Entry = v.picklist(["open", "password", "knock"], "entry must be open, password or knock");
export type Entry = v.InferOutput<typeof Entry>;

/** Role is what a user may do in a room. */
export const Role = v.picklist(["owner", "moderator", "member"]);
export type Role = v.InferOutput<typeof Role>;

/** Settings that an owner may change. */
const settings = {
  title: v.exactOptional(singleLine("title", MAX_TITLE_BYTES)),
  topic: v.exactOptional(singleLine("topic", MAX_TOPIC_BYTES)),
  entry: v.exactOptional(Entry),
  /** Shortest time between two messages of one member, ms; 0: no limit. */
  slowMode: v.exactOptional(count("slowMode", 0, MAX_SLOW_MODE_MS)),
  /** Only moderators and owners may send. */
  readOnly: v.exactOptional(v.boolean("readOnly must be true or false")),
  /** Nobody new may enter. */
  locked: v.exactOptional(v.boolean("locked must be true or false")),
  /** Only owners may enter. */
  closed: v.exactOptional(v.boolean("closed must be true or false")),
  /** Members may send files. */
  files: v.exactOptional(v.boolean("files must be true or false")),
  retention: v.exactOptional(Retention),
};

const BASE64URL_256 = /^[A-Za-z0-9_-]{43}$/;

/** Secret of a room's owner: 256 random bits as base64url. */
export const OwnerSecret = v.pipe(
  v.string("owner must be a string"),
  v.regex(BASE64URL_256, "owner must be 43 characters of A-Z a-z 0-9 _ -"),
);

/** Proof of a password, 32 bytes as base64url: see `PasswordParameters`. */
export const PasswordProof = v.pipe(
  v.string("password must be a string"),
  v.regex(BASE64URL_256, "password must be the 43 characters that PBKDF2 derives from it"),
);

/** PasswordParameters are those of the PBKDF2-HMAC-SHA-256 that derives 32 bytes from a password. */
export const PasswordParameters = v.object({
  /** Base64url of 16 to 64 bytes. */
  salt: v.pipe(
    v.string("salt must be a string"),
    v.regex(/^[A-Za-z0-9_-]{22,86}$/, "salt must be base64url"),
  ),
  iterations: count("iterations", 100_000, 10_000_000),
});
export type PasswordParameters = v.InferOutput<typeof PasswordParameters>;

/** NewPassword is a password as an owner sets it. */
export const NewPassword = v.object(
  { ...PasswordParameters.entries, proof: PasswordProof },
  "newPassword must be an object of salt, iterations and proof",
);
export type NewPassword = v.InferOutput<typeof NewPassword>;

/** ClaimRequest asks in `hello` to create the room with its sender as owner. */
export const ClaimRequest = v.object(
  {
    title: settings.title,
    entry: settings.entry,
    retention: settings.retention,
    newPassword: v.exactOptional(NewPassword),
  },
  "claim must be an object",
);

const SettingsCommand = v.object({
  type: v.literal("settings"),
  id: Id,
  ...settings,
  newPassword: v.exactOptional(NewPassword),
});
const RoleCommand = v.object({
  type: v.literal("role"),
  id: Id,
  member: User,
  role: v.picklist(["moderator", "member"], "role must be moderator or member"),
});
const MuteCommand = v.object({
  type: v.literal("mute"),
  id: Id,
  member: User,
  duration: v.exactOptional(Duration),
  reason: v.exactOptional(Reason),
});
const BanCommand = v.object({
  type: v.literal("ban"),
  id: Id,
  member: User,
  duration: v.exactOptional(Duration),
  reason: v.exactOptional(Reason),
  /** The ban holds for everyone on the networks that the member is connected from, 24 h at most. */
  network: v.exactOptional(v.literal(true, "network must be true or absent")),
});
const RemoveCommand = v.object({
  type: v.literal("remove"),
  id: Id,
  member: User,
  reason: v.exactOptional(Reason),
});
const AdmitCommand = v.object({ type: v.literal("admit"), id: Id, member: User, on: On });
const PinCommand = v.object({ type: v.literal("pin"), id: Id, target: Seq, on: On });
const OwnerCommand = v.object({ type: v.literal("owner"), id: Id, secret: OwnerSecret });
const WipeCommand = v.object({ type: v.literal("wipe"), id: Id });

/** Commands whose events are notices. */
export const noticeCommands = [
  SettingsCommand,
  RoleCommand,
  MuteCommand,
  BanCommand,
  RemoveCommand,
  AdmitCommand,
  PinCommand,
  OwnerCommand,
  WipeCommand,
] as const;

/** Settings as an event tells them: those that changed. A newer server may have more entries. */
const shown = {
  title: v.exactOptional(v.string()),
  topic: v.exactOptional(v.string()),
  entry: v.exactOptional(v.fallback(Entry, "knock")),
  slowMode: v.exactOptional(v.number()),
  readOnly: v.exactOptional(v.boolean()),
  locked: v.exactOptional(v.boolean()),
  closed: v.exactOptional(v.boolean()),
  files: v.exactOptional(v.boolean()),
  retention: v.exactOptional(v.fallback(Retention, "all")),
};
/** Fields of an event about a member. `memberName` is the name at the time of the event; the room adds it. */
const about = { member: v.string(), memberName: v.exactOptional(v.string()) };
const restriction = { duration: v.exactOptional(v.number()), reason: v.exactOptional(v.string()) };

/**
 * Kinds of notices. The author of `claim` became an owner; the first one created the room. `import` has the number of
 * messages in the file; no command makes it.
 */
export const notices = [
  v.object({
    type: v.literal("claim"),
    ...EVENT_BASE,
    title: shown.title,
    entry: shown.entry,
    retention: shown.retention,
  }),
  v.object({ type: v.literal("settings"), ...EVENT_BASE, ...shown }),
  v.object({ type: v.literal("role"), ...EVENT_BASE, ...about, role: v.fallback(Role, "member") }),
  v.object({ type: v.literal("mute"), ...EVENT_BASE, ...about, ...restriction }),
  v.object({
    type: v.literal("ban"),
    ...EVENT_BASE,
    ...about,
    ...restriction,
    network: v.exactOptional(v.literal(true)),
  }),
  v.object({ type: v.literal("remove"), ...EVENT_BASE, ...about, reason: restriction.reason }),
  v.object({ type: v.literal("admit"), ...EVENT_BASE, ...about, on: v.boolean() }),
  v.object({ type: v.literal("pin"), ...EVENT_BASE, target: v.number(), on: v.boolean() }),
  v.object({ type: v.literal("owner"), ...EVENT_BASE }),
  v.object({ type: v.literal("wipe"), ...EVENT_BASE }),
  // The events before it are those of a file.
  v.object({ type: v.literal("import"), ...EVENT_BASE, messages: v.number() }),
] as const;

/** Notice is an event about the room or its people. */
export type Notice = v.InferOutput<(typeof notices)[number]>;

/** Whether an event is the first that a room makes in a log of another epoch. */
export function beginsEpoch({ type }: { readonly type: string }): boolean {
  return type === "wipe" || type === "import";
}
