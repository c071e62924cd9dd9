// Files inside the runtime: uploads, downloads, messages with files, and what deletes them.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { type RoomFiles, RoomFiles as RoomFilesClass } from "../../src/files/room-files.ts";
import { type FileInfo, type Message, ownText } from "../../src/protocol/index.ts";
import { exif, jpegSegment, jpegWith, latin1, PICTURES } from "../helpers/pictures.ts";
import { ask, freshRoom, join, newKey, openPlain } from "./rooms.ts";

const PNG = PICTURES.png;

/** Uploads a file as the user of `key`. */
function post(room: string, body: BodyInit, key: string | null, headers: Record<string, string> = {}) {
  const authorization: Record<string, string> = key === null ? {} : { Authorization: `Bearer ${key}` };
  return ask(`/api/rooms/${room}/files?name=cat.png`, {
    method: "POST",
    body,
    headers: { ...authorization, ...headers },
  });
}

async function upload(room: string, key: string, body: BodyInit = PNG): Promise<FileInfo> {
  const response = await post(room, body, key);
  expect(response.status).toBe(201);
  return response.json<FileInfo>();
}

const get = (room: string, id: string, headers: Record<string, string> = {}, method = "GET") =>
  ask(`/api/rooms/${room}/files/${id}`, { headers, method });

/** Sends a message with files over HTTP. */
async function send(room: string, key: string, files: { id: string }[], more: object = {}) {
  const body = JSON.stringify({ key, text: "", files, ...more });
  const response = await ask(`/api/rooms/${room}/messages`, { method: "POST", body });
  return { status: response.status, ...(await response.json<{ seq?: number; error?: object }>()) };
}

/** Rows that the files of a room have in their database. */
function stored(room: string): Promise<{ files: number; chunks: number }> {
  return runInDurableObject(env.FILES.getByName(room), (_, { storage }) => {
    const count = (table: string) => Number(storage.sql.exec(`SELECT COUNT(*) AS n FROM ${table}`).one().n);
    return { files: count("files"), chunks: count("chunks") };
  });
}

/** Lets the uploads of a room expire. */
async function expire(room: string): Promise<void> {
  const files = env.FILES.getByName(room);
  await runInDurableObject(files, (_, { storage }) => {
    storage.sql.exec("UPDATE files SET expires = 1 WHERE expires IS NOT NULL");
  });
  expect(await runDurableObjectAlarm(files)).toBe(true);
}

describe("an upload", () => {
  test("is stored without metadata, and its name is cleaned", async () => {
    const room = freshRoom();
    const photo = jpegWith([jpegSegment(0xe1, latin1("Exif\0\0"), exif(6))]);
    const file = await upload(room, newKey(), photo);
    expect(file).toEqual({
      ...{ id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/), type: "image/jpeg", name: "cat.png.jpg" },
      ...{ bytes: PICTURES.jpeg.length + 36, w: 4, h: 6 },
    });
    const bytes = await (await get(room, file.id)).arrayBuffer();
    expect(bytes.byteLength).toBe(file.bytes);
  });

  test.each([
    ["without a key", PNG, null, {}, 400, "bad_request"],
    ["of nothing", "", newKey(), {}, 400, "bad_request"],
    ["of a broken picture", PNG.slice(0, 40), newKey(), {}, 400, "bad_request"],
    ["over 8 MiB", new Uint8Array(8 * 1024 * 1024 + 1), newKey(), {}, 413, "too_long"],
    ["by a page of another origin", PNG, newKey(), { Origin: "https://evil.example" }, 403, "forbidden"],
  ])("%s is rejected", async (_, body, key, headers, status, code) => {
    const room = freshRoom();
    const response = await post(room, body, key, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  test("of exactly 8 MiB is stored in chunks, and read whole", async () => {
    const room = freshRoom();
    const bytes = new Uint8Array(8 * 1024 * 1024).map((_, i) => i * 7 + (i >> 12));
    const { id } = await upload(room, newKey(), bytes);
    expect(await stored(room)).toEqual({ files: 1, chunks: 8 });
    const read = new Uint8Array(await (await get(room, id)).arrayBuffer());
    expect(read.length).toBe(bytes.length);
    expect(read.every((byte, i) => byte === bytes[i])).toBe(true);
    const part = await get(room, id, { Range: `bytes=${1024 * 1024 - 2}-${3 * 1024 * 1024 + 1}` });
    expect(part.status).toBe(206);
    const middle = new Uint8Array(await part.arrayBuffer());
    expect(middle.length).toBe(2 * 1024 * 1024 + 4);
    expect(middle.every((byte, i) => byte === bytes[i + 1024 * 1024 - 2])).toBe(true);
  });

  test("whose body breaks off stores nothing", async () => {
    const room = freshRoom();
    await upload(room, newKey());
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const response = post(room, readable, newKey()).catch((error: unknown) => error);
    const writer = writable.getWriter();
    await writer.write(PNG.slice(0, 30));
    await writer.abort(new Error("gone"));
    await response;
    expect(await stored(room)).toEqual({ files: 1, chunks: 1 });
  });

  test("counts as a message against the rate of its user", async () => {
    const room = freshRoom();
    const key = newKey();
    const statuses: number[] = [];
    for (let i = 0; i < 40; i += 1) statuses.push((await post(room, PNG, key)).status);
    expect(statuses).toContain(429);
  });
});

describe("a download", () => {
  test("has headers that let no browser take it for anything else", async () => {
    const room = freshRoom();
    const { id } = await upload(room, newKey());
    const { status, headers } = await get(room, id);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "image/png",
      "content-length": `${PNG.length}`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
      "content-disposition": "inline; filename*=UTF-8''cat.png",
      "cache-control": "private, max-age=60, no-transform",
      "accept-ranges": "bytes",
      etag: `"${id}"`,
    });
  });

  test("of what is no picture is an attachment", async () => {
    const room = freshRoom();
    const { id } = await upload(room, newKey(), "<svg xmlns='http://www.w3.org/2000/svg'/>");
    const { headers } = await get(room, id);
    expect(headers.get("Content-Type")).toBe("application/octet-stream");
    expect(headers.get("Content-Disposition")).toBe("attachment; filename*=UTF-8''cat.png");
  });

  test("knows ranges, HEAD and ETags, and ignores the name in the address", async () => {
    const room = freshRoom();
    const { id } = await upload(room, newKey());
    const range = await get(room, id, { Range: "bytes=-4" });
    expect([range.status, range.headers.get("Content-Range")]).toEqual([
      206,
      `bytes ${PNG.length - 4}-${PNG.length - 1}/${PNG.length}`,
    ]);
    expect(new Uint8Array(await range.arrayBuffer())).toEqual(PNG.slice(-4));
    expect((await get(room, id, { Range: "bytes=9999-" })).status).toBe(416);
    const head = await get(room, id, {}, "HEAD");
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await get(room, id, { "If-None-Match": `"${id}"` })).status).toBe(304);
    expect((await get(room, `${id}/any%20name.html`)).headers.get("Content-Type")).toBe("image/png");
    expect((await get(room, id, {}, "DELETE")).status).toBe(405);
  });

  test("of a file of another room is not found", async () => {
    const { id } = await upload(freshRoom(), newKey());
    const response = await get(freshRoom(), id);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
  });

  test("needs the permission to read the room", async () => {
    const room = freshRoom();
    const key = newKey();
    const secret = "s".repeat(43);
    const owner = await join(room, { key, owner: secret, claim: {} });
    const { id } = await upload(room, key);
    owner.command({ type: "settings", id: "a", closed: true });
    await owner.next("ok");
    const response = await get(room, id);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { cause: "closed" } });
    expect((await get(room, id, { Authorization: `Bearer ${key}` })).status).toBe(200);
  });
});

describe("a message with files", () => {
  test("reaches clients with its files, older ones with addresses, plain ones line by line", async () => {
    const room = freshRoom();
    const key = newKey();
    const ann = await join(room, { name: "Ann", key });
    expect(ann.welcome.limits.files).toEqual({ bytes: 8 * 1024 * 1024, count: 4 });
    const plain = await openPlain(room);
    const [first, second] = [await upload(room, key), await upload(room, key, "text")];
    ann.command(
      { type: "send", id: "a", text: "look", files: [{ id: second.id }, { id: first.id, alt: "A cat" }] },
      { type: "send", id: "b", text: "later" },
    );
    const message = (await ann.next("message")) as Message;
    expect(message.files).toEqual([second, { ...first, alt: "A cat" }]);
    expect(ownText(message)).toBe("look");
    const addresses = [second, first].map(({ id }) => `http://chat.test/api/rooms/${room}/files/${id}`);
    expect(message.text).toBe(["look", ...addresses].join("\n"));
    // The command after it waited.
    expect(await ann.next("message")).toMatchObject({ text: "later" });
    expect(await plain.nextLine()).toBe("Ann: look");
    for (const address of addresses) expect(await plain.nextLine()).toBe(`Ann: ${address}`);
    expect((await ask(new URL(addresses[0] ?? "").pathname)).status).toBe(200);
  });

  test("keeps its files, and uploads that no message names expire", async () => {
    const room = freshRoom();
    const key = newKey();
    const [sent, left] = [await upload(room, key), await upload(room, key)];
    expect(await send(room, key, [sent])).toMatchObject({ status: 201 });
    await expire(room);
    expect((await get(room, sent.id)).status).toBe(200);
    expect((await get(room, left.id)).status).toBe(404);
    expect(await stored(room)).toEqual({ files: 1, chunks: 1 });
  });

  test("keeps its files also if the call that says so was lost", async () => {
    const room = freshRoom();
    const key = newKey();
    const sent = await upload(room, key);
    expect(await send(room, key, [sent])).toMatchObject({ status: 201 });
    await runInDurableObject(env.FILES.getByName(room), (_, { storage }) => {
      storage.sql.exec("UPDATE files SET expires = 1");
    });
    expect(await runDurableObjectAlarm(env.FILES.getByName(room))).toBe(true);
    expect((await get(room, sent.id)).status).toBe(200);
  });

  test("cannot have files of others, files of other messages, or files that do not exist", async () => {
    const room = freshRoom();
    const [key, other] = [newKey(), newKey()];
    const file = await upload(room, key);
    expect(await send(room, other, [file])).toMatchObject({ status: 404, error: { code: "not_found" } });
    expect(await send(room, key, [{ id: "a".repeat(22) }])).toMatchObject({ status: 404 });
    expect(await send(room, key, [file], { id: "a" })).toMatchObject({ status: 201, seq: 1 });
    expect(await send(room, key, [file], { id: "a" })).toMatchObject({ status: 200, seq: 1 });
    expect(await send(room, key, [file])).toMatchObject({ status: 403, error: { cause: "file_used" } });
  });

  test("loses its files with a deletion, and their bytes are deleted", async () => {
    const room = freshRoom();
    const key = newKey();
    const ann = await join(room, { key });
    const file = await upload(room, key);
    expect(await send(room, key, [file])).toMatchObject({ seq: 1 });
    ann.command({ type: "delete", id: "d", target: 1 });
    await ann.next("ok");
    await gone(room, file.id);
    expect(await stored(room)).toEqual({ files: 0, chunks: 0 });
    const page = await (await ask(`/api/rooms/${room}/messages`)).json<{ events: Message[] }>();
    expect(page.events[0]).not.toHaveProperty("files");
    expect(await send(room, key, [file])).toMatchObject({ status: 404 });
  });

  test("loses its files when the room is wiped", async () => {
    const room = freshRoom();
    const key = newKey();
    const owner = await join(room, { key, owner: "s".repeat(43), claim: {} });
    const file = await upload(room, key);
    expect(await send(room, key, [file])).toMatchObject({ status: 201 });
    owner.command({ type: "wipe", id: "w" });
    await gone(room, file.id);
    expect(await stored(room)).toEqual({ files: 0, chunks: 0 });
  });

  test("is rejected where files are switched off, and so is an upload", async () => {
    const room = freshRoom();
    const key = newKey();
    const owner = await join(room, { key, owner: "s".repeat(43), claim: {} });
    const file = await upload(room, key);
    owner.command({ type: "settings", id: "a", files: false });
    await owner.next("ok");
    const off = { error: { code: "forbidden", cause: "files_off" } };
    expect(await send(room, key, [file])).toMatchObject({ status: 403, ...off });
    const response = await post(room, PNG, key);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject(off);
  });
});

/** Waits until a file cannot be read any more. */
async function gone(room: string, id: string): Promise<void> {
  await expect.poll(async () => (await get(room, id)).status).toBe(404);
}

/** Runs `work` with an object of the files of `room` that has other variables or bindings. */
function withEnv<T>(room: string, more: object, work: (files: RoomFiles) => Promise<T>): Promise<T> {
  return runInDurableObject(env.FILES.getByName(room), (_, state) =>
    work(new RoomFilesClass(state, { ...env, ...more })),
  );
}

/** Uploads through an object. */
function uploadTo(files: RoomFiles, key: string, network = "192.0.2.1", bytes: BodyInit = PNG) {
  const body = new Response(bytes).body;
  if (body === null) throw new Error("there is a body");
  const caller = { key, network };
  return files.upload(body, { caller, name: "a", hint: "", origin: "https://chat.example" });
}

describe("a quota", () => {
  const big = new Uint8Array(600 * 1024);

  test.each([
    ["room", { ROOM_FILES_MIB: "1" }],
    ["user", { USER_FILES_MIB: "1" }],
    ["address", { ADDRESS_FILES_MIB: "1" }],
  ])("of a %s rejects what exceeds it, and says so", async (owner, variables) => {
    await withEnv(freshRoom(), variables, async (files) => {
      const key = newKey();
      expect(await uploadTo(files, key, undefined, big)).toMatchObject({ ok: true });
      const error = {
        code: "forbidden",
        cause: "quota",
        message: expect.stringContaining(`of this ${owner}`),
      };
      expect(await uploadTo(files, key, undefined, big)).toMatchObject({ ok: false, error });
      const other = await uploadTo(files, newKey(), "192.0.2.2", big);
      expect(other.ok).toBe(owner !== "room");
    });
  });

  test("of a room has space again after a deletion", async () => {
    await withEnv(freshRoom(), { ROOM_FILES_MIB: "1" }, async (files) => {
      const first = await uploadTo(files, newKey(), undefined, big);
      if (!first.ok) throw new Error("it fits");
      expect(await uploadTo(files, newKey(), undefined, big)).toMatchObject({ ok: false });
      await files.remove([first.value.id]);
      expect(await uploadTo(files, newKey(), undefined, big)).toMatchObject({ ok: true });
    });
  });
});

test("the rows that it writes are those that the README states", async () => {
  await runInDurableObject(env.FILES.getByName(freshRoom()), async (_, state) => {
    const { sql } = state.storage;
    const exec = sql.exec.bind(sql);
    let cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    sql.exec = (query, ...bindings) => {
      const cursor = exec(query, ...bindings);
      cursors.push(cursor);
      return cursor as ReturnType<typeof exec<never>>;
    };
    const written = async <T>(work: () => T): Promise<[Awaited<T>, number]> => {
      cursors = [];
      const value = await work();
      return [value, cursors.reduce((sum, cursor) => sum + cursor.rowsWritten, 0)];
    };
    const files = new RoomFilesClass(state, env);
    const key = newKey();
    // The first upload creates the tables.
    await uploadTo(files, key);
    const [uploaded, rows] = await written(() => uploadTo(files, key));
    expect(rows).toBe(4);
    const [, more] = await written(() => uploadTo(files, key, undefined, new Uint8Array(3 * 1024 * 1024)));
    expect(more).toBe(6);
    if (!uploaded.ok) throw new Error("it is stored");
    const { id } = uploaded.value;
    const user = String([...exec("SELECT user FROM files WHERE id = ?", id)][0]?.user);
    expect((await written(() => files.describe([id], user)))[1]).toBe(1);
    expect((await written(() => files.keep([id])))[1]).toBe(1);
    expect((await written(() => files.remove([id])))[1]).toBe(4);
  });
});
