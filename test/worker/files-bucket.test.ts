// Files whose bytes are in an R2 bucket, by Miniflare.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { RoomFiles } from "../../src/files/room-files.ts";
import { PICTURES } from "../helpers/pictures.ts";
import { freshRoom, newKey } from "./rooms.ts";

const { TEST_BUCKET: bucket } = env as typeof env & { readonly TEST_BUCKET: R2Bucket };
const ALL = { isHead: false, range: null, ifRange: null, ifNoneMatch: null };
const caller = { key: newKey(), network: "" };

/** Runs `work` with an object that keeps its bytes in `store`. */
function withBucket<T>(
  room: string,
  store: R2Bucket,
  work: (files: RoomFiles, state: DurableObjectState) => Promise<T>,
): Promise<T> {
  return runInDurableObject(env.FILES.getByName(room), (_, state) =>
    work(new RoomFiles(state, { ...env, FILES_BUCKET: store }), state),
  );
}

async function uploadTo(files: RoomFiles): Promise<string> {
  const { body } = new Response(PICTURES.png);
  if (body === null) throw new Error("there is a body");
  const uploaded = await files.upload(body, {
    caller,
    name: "a.png",
    hint: "",
    origin: "https://chat.example",
  });
  if (!uploaded.ok) throw new Error(uploaded.error.message);
  return uploaded.value.id;
}

/** Returns the bucket with one method replaced. */
function failing(method: "put" | "delete"): R2Bucket {
  return new Proxy(bucket, {
    get(target, property: keyof R2Bucket) {
      if (property === method) return () => Promise.reject(new Error("the bucket is not available"));
      return target[property].bind(target);
    },
  });
}

const objects = async (state: DurableObjectState) =>
  (await bucket.list({ prefix: `${state.id}/` })).objects.length;

test("bytes are stored in the bucket, read in ranges, and deleted", async () => {
  await withBucket(freshRoom(), bucket, async (files, state) => {
    const id = await uploadTo(files);
    expect(await objects(state)).toBe(1);
    const tables = state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'chunks'").toArray();
    expect(tables).toEqual([]);
    const part = await files.download(id, caller, { ...ALL, range: "bytes=8-15" });
    if (!part.ok) throw new Error(part.error.message);
    expect(part.value.status).toBe(206);
    const bytes = new Uint8Array(await new Response(part.value.body).arrayBuffer());
    expect(bytes).toEqual(PICTURES.png.slice(8, 16));
    await files.remove([id]);
    expect(await objects(state)).toBe(0);
    expect(await files.download(id, caller, ALL)).toMatchObject({ ok: false, error: { code: "not_found" } });
  });
});

test("a deletion that the bucket refuses hides the file at once, and is done by the alarm", async () => {
  const room = freshRoom();
  const id = await withBucket(room, failing("delete"), async (files, state) => {
    const uploaded = await uploadTo(files);
    await expect(files.remove([uploaded])).rejects.toThrow("not available");
    expect(await files.download(uploaded, caller, ALL)).toMatchObject({ ok: false });
    expect(await objects(state)).toBe(1);
    expect(await state.storage.getAlarm()).toBeLessThan(Date.now() + 60_000);
    return uploaded;
  });
  await withBucket(room, bucket, async (files, state) => {
    await files.alarm();
    expect(await objects(state)).toBe(0);
    expect(state.storage.sql.exec("SELECT id FROM files WHERE id = ?", id).toArray()).toEqual([]);
  });
});

test("an upload that the bucket refuses is not found, takes no space for long, and expires", async () => {
  const room = freshRoom();
  await withBucket(room, failing("put"), async (files, state) => {
    await expect(uploadTo(files)).rejects.toThrow("not available");
    const [row] = state.storage.sql.exec("SELECT id, stored FROM files").toArray();
    expect(row?.stored).toBe(0);
    expect(await files.download(String(row?.id), caller, ALL)).toMatchObject({ ok: false });
    expect(await files.describe([String(row?.id)], "anyone")).toBeNull();
    state.storage.sql.exec("UPDATE files SET expires = 1");
    await files.alarm();
    expect(state.storage.sql.exec("SELECT id FROM files").toArray()).toEqual([]);
  });
});
