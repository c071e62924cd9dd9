/** Exports of a test room, and imports into one, as ChatRoom and the Worker do them. */
import { exportStream } from "../../src/app/export.ts";
import { EXPORT_FORMATS } from "../../src/app/export-formats.ts";
import { MAX_PAGE_LENGTH, withoutId } from "../../src/protocol/index.ts";
import type { ImportResult } from "../../src/room/imports.ts";
import { OWNER_SECRET, type TestRoom } from "./test-room.ts";

/** Returns the export of a room in the format `jsonl`. */
export async function exportOf({ log, rules, http, now }: TestRoom): Promise<string> {
  const jsonl = EXPORT_FORMATS.get("jsonl");
  const start = http.startExport({ network: "", key: OWNER_SECRET }, now);
  if (jsonl === undefined || !start.ok) throw new Error("the room cannot be exported");
  const { title } = rules.teaser;
  const room = { room: "test", ...(title !== undefined && { title }), ...start.value };
  const stream = exportStream(jsonl, room, async (seq, limit) => {
    const { events } = log.remaining(seq, limit, MAX_PAGE_LENGTH);
    return { events: events.map(withoutId), pruned: log.pruned };
  });
  return new Response(stream).text();
}

/** Imports a file, in chunks of `size` bytes, as the holder of `key`. */
export function importInto(
  room: TestRoom,
  file: string | AsyncIterable<Uint8Array>,
  { key = OWNER_SECRET, name = "", size = 1_000, pause = async () => {} } = {},
): Promise<ImportResult> {
  const chunks = typeof file === "string" ? chunksOf(file, size) : file;
  return room.imports.run(chunks, { key, name }, { pause, wake: () => room.run(), now: () => room.now });
}

/** Returns a file as it arrives, in chunks of `size` bytes. */
export async function* chunksOf(file: string, size = 1_000): AsyncGenerator<Uint8Array, void, void> {
  const bytes = new TextEncoder().encode(file);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** Returns an export without the epoch of its room. */
export function withoutEpoch(file: string): string {
  return file.replace(/"epoch":"[^"]*"/, '"epoch":""');
}

/** Returns everything that the storage of a room contains. */
export function contentOf({ store: { db } }: TestRoom): unknown {
  const tables = db.prepare("SELECT name, sql FROM sqlite_master ORDER BY name").all();
  return tables.map((table) => [table, db.prepare(`SELECT * FROM ${table.name}`).all()]);
}
