import { expect, test } from "vitest";
import type { EventBody, Message } from "../../../src/protocol/index.ts";
import { denied, type Place, uploadDenied } from "../../../src/room/permissions.ts";

/** Message 1 of `author`. */
const MESSAGE: Message = { type: "message", seq: 1, at: 0, user: "author", name: "Author", text: "text" };
const DELETED: Message = { ...MESSAGE, text: "", deleted: true };

const send: EventBody = { type: "message", text: "text" };
const reply: EventBody = { ...send, reply: 1 };
const edit: EventBody = { type: "edit", target: 1, text: "new" };
const remove: EventBody = { type: "delete", target: 1 };
const react: EventBody = { type: "react", target: 1, emoji: "👍", on: true };
const unreact: EventBody = { ...react, on: false };

/** Returns the code with which `user` may not make `body`, or `null`. `message` is the one with seq 1. */
function check(user: string, body: EventBody, message: Message | null): string | null {
  const place: Place = {
    room: "test",
    isReadOnly: false,
    takesFiles: true,
    isOwned: false,
    hasPassword: false,
    isEmpty: false,
    hasMessages: true,
    roleOf: () => "member",
    isOwnerSecret: () => false,
    isFileUsed: () => false,
    find: (seq) => (seq === 1 ? message : null),
  };
  return denied({ user, role: "member", mute: null }, body, place)?.code ?? null;
}

test.each([
  ["send", "author", send, null, null, null],
  ["send", "other", send, null, null, null],
  ["reply", "author", reply, null, null, "not_found"],
  ["reply", "other", reply, null, null, "not_found"],
  ["edit", "author", edit, null, "not_found", "not_found"],
  ["edit", "other", edit, "forbidden", "not_found", "not_found"],
  ["delete", "author", remove, null, "not_found", "not_found"],
  ["delete", "other", remove, "forbidden", "not_found", "not_found"],
  ["react", "author", react, null, "not_found", "not_found"],
  ["react", "other", react, null, "not_found", "not_found"],
  ["unreact", "author", unreact, null, "not_found", "not_found"],
  ["unreact", "other", unreact, null, "not_found", "not_found"],
] as const)("%s by the %s: on a message, a deleted message, no message", (_, user, body, ...expected) => {
  const messages = [MESSAGE, DELETED, null];
  expect(messages.map((message) => check(user, body, message))).toEqual(expected);
});

test("rejects the 21st different emoji of a message, but no other reaction", () => {
  const emoji = [..."😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓"];
  const message = { ...MESSAGE, reactions: Object.fromEntries(emoji.map((one) => [one, ["author"]])) };
  expect(check("other", react, message)).toBe("forbidden");
  expect(check("other", unreact, message)).toBeNull();
  expect(check("other", { ...react, emoji: "😀" }, message)).toBeNull();
});

test("rejects the 1,001st reaction of a message, but not one that exists", () => {
  const users = Array.from({ length: 1_000 }, (_, i) => `user-${i}`);
  const full = { ...MESSAGE, reactions: { "👍": users } };
  expect(check("other", react, full)).toBe("forbidden");
  expect(check("other", { ...react, emoji: "🎉" }, full)).toBe("forbidden");
  expect(check("user-0", react, full)).toBeNull();
  expect(check("other", react, { ...MESSAGE, reactions: { "👍": users.slice(1) } })).toBeNull();
});

test("where files are switched off, or in a room that is read-only, nobody sends or uploads files", () => {
  const place: Place = {
    ...{ room: "test", isReadOnly: false, takesFiles: true, isOwned: true, hasPassword: false },
    ...{ isEmpty: false, hasMessages: true, roleOf: () => "member", isOwnerSecret: () => false },
    ...{ isFileUsed: () => false, find: () => null },
  };
  const body: EventBody = { type: "message", text: "", files: [{ id: "f".repeat(22) }] };
  const member = { user: "ann", role: "member", mute: null } as const;
  const causes = (at: Place, actor: Parameters<typeof denied>[0] = member) => [
    denied(actor, body, at, { files: [] })?.cause,
    uploadDenied(actor, at)?.cause,
  ];
  expect(causes(place)).toEqual([undefined, undefined]);
  expect(causes({ ...place, takesFiles: false })).toEqual(["files_off", "files_off"]);
  expect(causes({ ...place, takesFiles: false }, { ...member, role: "owner" })).toEqual([
    "files_off",
    "files_off",
  ]);
  expect(causes({ ...place, isReadOnly: true })).toEqual(["read_only", "read_only"]);
  expect(causes({ ...place, isReadOnly: true }, { ...member, role: "moderator" })).toEqual([
    undefined,
    undefined,
  ]);
  expect(causes(place, { ...member, mute: {} })).toEqual(["muted", "muted"]);
});
