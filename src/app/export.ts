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

/**
 * Returns the export of a room up to the head that `room` states. It reads a page only when the reader has taken the
 * one before it, so its memory does not depend on the length of the log.
 */
export function exportStream(
  format: ExportFormat,
  room: ExportedRoom,
  read: ReadPage,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const parts = exportParts(format, room, read);
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
): AsyncGenerator<string, void, void> {
  yield format.start(room);
  let seq = room.pruned;
  while (seq < room.seq) {
    const page = await read(seq, PAGE_LIMIT);
    if (page === "wiped") {
      yield format.end({ type: "end", seq, wiped: true });
      return;
    }
    let text = "";
    if (page.pruned > seq) {
      const before = Math.min(page.pruned, room.seq) + 1;
      text += format.entry({ type: "gap", after: seq, before });
      seq = before - 1;
    }
    for (const event of page.events) {
      if (event.seq <= seq || event.seq > room.seq) continue;
      text += format.entry(event);
      seq = event.seq;
    }
    if (text !== "") yield text;
    // A log never ends before its head, but nothing here may loop for ever.
    if (page.events.length === 0) break;
  }
  yield format.end({ type: "end", seq });
}
