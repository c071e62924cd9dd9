/** Export: a room's whole log as one file, streamed a page at a time. */
import type { ExportedRoom, RoomEvent } from "../protocol/index.ts";
import type { ExportFormat } from "./export-formats.ts";

/** Events that one page of the log has at most. */
const PAGE_LIMIT = 200;

/** ReadPage returns the first `limit` events after `seq`; `pruned` is the seq up to which events are gone. */
export type ReadPage = (
  seq: number,
  limit: number,
) => Promise<{ readonly events: readonly RoomEvent[]; readonly pruned: number } | "wiped">;

/** ReadFile returns the bytes of a file, or `null` if it was deleted. */
export type ReadFile = (id: string) => Promise<ReadableStream<Uint8Array> | null>;

/** Bytes of a file that one line has. A multiple of 3, so that the lines' base64 can be joined. */
const FILE_PART_BYTES = 96 * 1024;

/**
 * Returns the export of a room up to the head that `room` states. It reads a page only when the reader has taken the
 * one before it, so its memory does not depend on the length of the log. With `readFile` it contains the bytes of
 * files, in the formats that have a place for them.
 */
export function exportStream(
  format: ExportFormat,
  room: ExportedRoom,
  read: ReadPage,
  readFile: ReadFile | null = null,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const parts = exportParts(format, room, read, readFile);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await parts.return();
    },
  });
}

async function* exportParts(
  format: ExportFormat,
  room: ExportedRoom,
  read: ReadPage,
  readFile: ReadFile | null,
): AsyncGenerator<string, void, void> {
  yield format.start(room);
  // Messages can outlive changes that were made after them: what is left before `pruned` is part of the export.
  let seq = 0;
  let { pruned } = room;
  while (seq < room.seq) {
    const page = await read(seq, PAGE_LIMIT);
    if (page === "wiped") {
      yield format.end({ type: "end", seq: Math.max(seq, pruned), wiped: true });
      return;
    }
    let text = "";
    const isOvertaken = page.pruned > pruned && page.pruned > seq;
    if (isOvertaken) {
      const before = Math.min(page.pruned, room.seq) + 1;
      text += format.entry({ type: "gap", after: Math.max(seq, pruned), before });
    }
    pruned = Math.max(pruned, page.pruned);
    for (const event of page.events) {
      if (event.seq <= seq || event.seq > room.seq) continue;
      text += format.entry(event);
      seq = event.seq;
      if (readFile === null || event.type !== "message" || event.files === undefined) continue;
      yield text;
      text = "";
      for (const { id } of event.files) yield* fileParts(format, id, readFile);
    }
    if (text !== "") yield text;
    // A log never ends before its head, but nothing here may loop for ever.
    if (page.events.length === 0) break;
  }
  yield format.end({ type: "end", seq: Math.min(Math.max(seq, pruned), room.seq) });
}

/** Yields the bytes of a file in parts. A file that was deleted meanwhile has none. */
async function* fileParts(
  format: ExportFormat,
  id: string,
  readFile: ReadFile,
): AsyncGenerator<string, void, void> {
  if (format.file === undefined) return;
  const stream = await readFile(id);
  if (stream === null) return;
  let offset = 0;
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of stream) {
    const bytes = concat(rest, chunk);
    let at = 0;
    for (; bytes.length - at >= FILE_PART_BYTES; at += FILE_PART_BYTES) {
      yield format.file(id, offset, bytes.subarray(at, at + FILE_PART_BYTES));
      offset += FILE_PART_BYTES;
    }
    rest = bytes.slice(at);
  }
  if (rest.length > 0) yield format.file(id, offset, rest);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
