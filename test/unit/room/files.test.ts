// Messages with files, from the command to the deletion.
import { describe, expect, test } from "vitest";
import { type Message, ownText } from "../../../src/protocol/index.ts";
import { TestFiles } from "../../helpers/test-files.ts";
import { TestRoom } from "../../helpers/test-room.ts";

const A = "a".repeat(22);
const B = "b".repeat(22);
const ADDRESS = "https://chat.example/api/rooms/test/files/";

/** Returns a room with files in which Ann and Bob are. */
function start(config: ConstructorParameters<typeof TestRoom>[0] = {}) {
  const files = new TestFiles();
  const room = new TestRoom(config, "test", files);
  const [ann, bob] = [room.join("Ann"), room.join("Bob")];
  for (const peer of [ann, bob]) peer.take();
  return { room, files, ann, bob, user: room.userOf(ann) };
}

const send = (id: string, ...files: string[]) => ({
  ...{ type: "send" as const, id, text: "look" },
  files: files.map((file) => ({ id: file })),
});
const text = (id: string) => ({ type: "send" as const, id, text: id });

test("a message has its files as they were uploaded, with their addresses in its text", () => {
  const { room, files, ann, bob, user } = start();
  const { address: _, ...stored } = files.upload(user, "a");
  files.upload(user, "b");
  room.exchange(ann, {
    ...send("1", B, A),
    files: [
      { id: B, alt: "A dog" },
      { id: A, blur: "1QcS" },
    ],
  });
  const [message] = bob.takeLines() as Message[];
  expect(message).toMatchObject({
    text: `look\n${ADDRESS}${B}\n${ADDRESS}${A}`,
    files: [
      { id: B, alt: "A dog" },
      { ...stored, blur: "1QcS" },
    ],
  });
  expect(files.sent).toEqual([B, A]);
  expect(room.log.after(0, 10).events).toMatchObject([{ text: message?.text, files: message?.files }]);
});

test("commands after it wait for its files, and keep their order", () => {
  const { room, files, ann, bob, user } = start();
  files.upload(user, "a");
  files.upload(user, "b");
  files.pause();
  expect(room.exchange(ann, text("1"), send("2", A), text("3"), send("4", B), text("5"))).toMatchObject([
    { id: "1" },
    {},
  ]);
  expect(room.exchange(bob, text("6"))).toContainEqual({ type: "ok", id: "6", seq: 2 });
  files.resume();
  room.advance(1_000);
  const seqs = ann.takeLines().flatMap((line) => (line.type === "ok" ? [line.id] : []));
  expect(seqs).toEqual(["2", "3", "4", "5"]);
  const texts = room.log.after(0, 10).events.map((event) => ("text" in event ? ownText(event) : ""));
  expect(texts).toEqual(["1", "6", "look", "3", "look", "5"]);
});

describe("a message is rejected", () => {
  const missing = { type: "error", id: "1", code: "not_found", message: "there is no such file" };

  test("if a file does not exist, or is another user's", () => {
    const { room, files, ann, bob, user } = start();
    files.upload(user, "a");
    expect(room.exchange(ann, send("1", A, B))).toMatchObject([missing]);
    expect(room.exchange(bob, send("1", A))).toMatchObject([missing]);
    expect(room.log.head).toBe(0);
  });

  test("if the service takes no files, which its welcome shows", () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    expect(ann.takeLines()[0]).not.toHaveProperty("limits.files");
    expect(room.exchange(ann, send("1", A))).toMatchObject([missing]);
  });

  test("if a file belongs to another message, also in the same frame, and after a restart", () => {
    const { room, files, ann, user } = start();
    files.upload(user, "a");
    const used = { type: "error", id: "2", code: "forbidden", cause: "file_used" };
    const lines = room.exchange(ann, send("1", A), send("2", A));
    expect(lines).toContainEqual(expect.objectContaining(used));
    room.hibernate();
    expect(room.exchange(ann, send("3", A))).toMatchObject([{ ...used, id: "3" }]);
  });

  test("if its edit would be blank and it has no files", () => {
    const { room, files, ann, user } = start();
    files.upload(user, "a");
    room.exchange(ann, send("1", A), { type: "send", id: "2", text: "text" });
    expect(room.exchange(ann, { type: "edit", id: "3", target: 2, text: "" })).toMatchObject([
      { type: "error", id: "3", code: "bad_request", message: "text must not be blank" },
    ]);
    const [, edit] = room.exchange(ann, { type: "edit", id: "4", target: 1, text: "" });
    expect(edit).toMatchObject({ type: "edit", text: `${ADDRESS}${A}`, files: 1 });
    expect(room.log.find(1)).toMatchObject({ text: `${ADDRESS}${A}`, files: [{ id: A }] });
  });
});

test("a repeated message is answered with its seq, also after a restart and without its file", () => {
  const { room, files, ann, user } = start();
  files.upload(user, "a");
  room.exchange(ann, send("1", A));
  expect(room.exchange(ann, send("1", A))).toMatchObject([{ type: "ok", id: "1", seq: 1 }]);
  room.hibernate();
  expect(room.exchange(ann, send("1", A))).toMatchObject([{ type: "ok", id: "1", seq: 1 }]);
  expect(room.exchange(ann, send("1", B))).toMatchObject([{ type: "error", id: "1", code: "conflict" }]);
});

describe("the files of a message are to be deleted", () => {
  test("when it is deleted, and neither it nor its edits have their addresses any more", () => {
    const { room, files, ann, user } = start();
    files.upload(user, "a");
    room.exchange(ann, send("1", A), { type: "edit", id: "2", target: 1, text: "new" });
    expect(room.log.files?.gone(9)).toEqual([]);
    room.exchange(ann, { type: "delete", id: "3", target: 1 });
    expect(room.log.files?.gone(9)).toEqual([A]);
    expect(room.log.files?.used([A])).toEqual([]);
    expect(JSON.stringify(room.log.after(0, 9).events)).not.toContain(A);
    // It cannot be sent again, although its bytes may still be there.
    expect(room.exchange(ann, send("4", A))).toMatchObject([{ cause: "file_used" }]);
    room.crash();
    expect(room.log.files?.gone(9)).toEqual([A]);
    room.log.files?.forget([A]);
    expect(room.log.files?.hasGone).toBe(false);
    expect(room.log.files?.isUsed(A)).toBe(true);
  });

  test("when it is pruned", () => {
    const { room, files, ann, user } = start({ historyLimit: 10 });
    files.upload(user, "a");
    files.upload(user, "b");
    room.exchange(ann, send("first", A));
    for (let i = 0; i < 10; i += 1) room.exchange(ann, { type: "send", id: `${i}`, text: "text" });
    room.exchange(ann, send("last", B));
    expect(room.log.pruned).toBeGreaterThan(0);
    expect(room.log.files?.gone(9)).toEqual([A]);
    expect(room.log.files?.used([A, B])).toEqual([B]);
  });

  test("not when the transaction of its deletion fails", () => {
    const { room, files, ann, user } = start();
    files.upload(user, "a");
    room.exchange(ann, send("1", A));
    room.store.fault = (query) => {
      if (query === "COMMIT") throw new Error("the disk is full");
    };
    expect(room.exchange(ann, { type: "delete", id: "2", target: 1 })).toMatchObject([{ code: "internal" }]);
    room.store.fault = undefined;
    expect(room.log.files?.gone(9)).toEqual([]);
    expect(room.log.files?.used([A])).toEqual([A]);
    expect(room.log.find(1)).toMatchObject({ files: [{ id: A }] });
  });
});

test("a search finds names and descriptions of files, and no addresses", async () => {
  const { room, files, ann, user } = start();
  files.upload(user, "a");
  room.exchange(
    ann,
    { ...send("1", A), files: [{ id: A, alt: "A lighthouse" }] },
    { type: "send", id: "2", text: "none" },
  );
  for (const [q, count] of [
    ["lighthouse", 1],
    ["a.png", 1],
    ["has:file", 1],
    ["chat.example", 0],
    ["has:link", 0],
  ] as const) {
    room.receive(ann, { type: "search", id: q.replace(/\W/g, "_"), q });
    room.advance(1_000);
    const found = ann.takeLines().find(({ type }) => type === "found");
    expect(found, q).toMatchObject({ events: { length: count } });
  }
});
