/** Intake: frames taken apart into what they say; what is no command is refused where it stands. */
import {
  type ClientCommand,
  CloseCode,
  exceedsBytes,
  MAX_FRAME_BYTES,
  MAX_FRAME_LINES,
  MAX_TEXT_BYTES,
  parseCommand,
  plainLine,
  splitLines,
} from "../protocol/index.ts";
import type { Connection } from "./connection.ts";

/** Lines in a row that are no JSON, after which whoever sends them is taken for something else. */
const MAX_NOT_JSON = 3;

/** What a plain sender's frame says; `""` where that is nothing. A frame over the limit closes the connection. */
export function textOf(connection: Connection, frame: string | ArrayBuffer): string {
  const isString = typeof frame === "string";
  if (isString ? exceedsBytes(frame, MAX_TEXT_BYTES) : frame.byteLength > MAX_TEXT_BYTES) {
    connection.expel(CloseCode.MessageTooBig);
    return "";
  }
  return plainLine(isString ? frame : new TextDecoder().decode(frame));
}

/** The commands of a `chat.v1` frame, one after the other, until the connection is closed. `now` is Unix ms. */
export function* commandsOf(
  connection: Connection,
  frame: string | ArrayBuffer,
  now: number,
): Iterable<ClientCommand> {
  if (typeof frame !== "string") connection.expel(CloseCode.UnsupportedData);
  else if (exceedsBytes(frame, MAX_FRAME_BYTES)) connection.expel(CloseCode.MessageTooBig);
  else yield* commandsOfLines(connection, splitLines(frame), now);
}

function* commandsOfLines(
  connection: Connection,
  lines: readonly string[],
  now: number,
): Iterable<ClientCommand> {
  if (lines.length > MAX_FRAME_LINES) {
    const message = `a frame holds ${MAX_FRAME_LINES} lines at most`;
    connection.reject({ code: "bad_request", message }, undefined, now);
    return;
  }
  for (const line of lines) {
    if (connection.closed) return;
    const parsed = parseCommand(line);
    connection.notJson = !parsed.ok && parsed.error.notJson ? connection.notJson + 1 : 0;
    if (parsed.ok) yield parsed.value;
    else connection.reject(parsed.error, parsed.error.id, now);
    if (connection.notJson >= MAX_NOT_JSON) connection.expel(CloseCode.InvalidPayload);
  }
}
