/** Export file: the lines of an export in the format `jsonl` that are not events. An import reads them again. */
import * as v from "valibot";
import { singleLine } from "./fields.ts";
import { MAX_TITLE_BYTES } from "./limits.ts";

/** Version of the format. */
export const EXPORT_VERSION = 1;

/** Largest seq of a file: events can follow it for ever. */
const MAX_SEQ = 2 ** 48;

const Position = v.pipe(
  v.number("a seq must be a number"),
  v.safeInteger("a seq must be a whole number"),
  v.minValue(0, "a seq is not negative"),
  v.maxValue(MAX_SEQ, `a seq is ${MAX_SEQ} at most`),
);

/** The first line. */
export const ExportStart = v.object({
  type: v.literal("room"),
  version: v.literal(EXPORT_VERSION, `version must be ${EXPORT_VERSION}`),
  room: v.string("room must be a string"),
  title: v.exactOptional(singleLine("title", MAX_TITLE_BYTES)),
  epoch: v.string("epoch must be a string"),
  /** Head of the log when the export began: it ends there. */
  seq: Position,
  /** Events up to this seq may be missing: the room keeps no more. */
  pruned: Position,
});

/** ExportedRoom is what an export tells of its room. */
export type ExportedRoom = Omit<v.InferOutput<typeof ExportStart>, "type" | "version">;

/** Stands for events that the room pruned while the export was written. Both ends are exclusive. */
export const ExportGap = v.object({ type: v.literal("gap"), after: Position, before: Position });
export type ExportGap = v.InferOutput<typeof ExportGap>;

/** The last line. Without it, a file is cut off. */
export const ExportEnd = v.object({
  type: v.literal("end"),
  seq: Position,
  /** The room's messages were deleted meanwhile: what follows `seq` is missing. */
  wiped: v.exactOptional(v.literal(true, "wiped must be true or absent")),
});
export type ExportEnd = v.InferOutput<typeof ExportEnd>;
