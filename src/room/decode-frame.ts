/** Decode frame: turns frames into commands and plain texts. */
import {
  type ClientCommand,
  CloseCode,
  exceedsBytes,
  type InvalidLine,
  MAX_FRAME_BYTES,
  MAX_FRAME_LINES,
  MAX_TEXT_BYTES,
  parseCommand,
  plainLine,
  splitLines,
} from "../protocol/index.ts";
import type { Mode } from "./session.ts";

/** Decoded is one part of a frame: a command, a plain text, an invalid line, or the reason to close. */
export type Decoded =
  | { readonly type: "command"; readonly command: ClientCommand }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "invalid"; readonly error: InvalidLine }
  | { readonly type: "close"; readonly code: CloseCode };

/** Decodes a frame lazily: the caller stops reading once the connection is closing. */
export function* decodeFrame(mode: Mode, frame: string | ArrayBuffer): Iterable<Decoded> {
  if (mode === "plain") yield* decodePlain(frame);
  else if (typeof frame !== "string") yield { type: "close", code: CloseCode.UnsupportedData };
  else if (exceedsBytes(frame, MAX_FRAME_BYTES)) yield { type: "close", code: CloseCode.MessageTooBig };
  else yield* decodeLines(splitLines(frame));
}

function* decodePlain(frame: string | ArrayBuffer): Iterable<Decoded> {
  const isString = typeof frame === "string";
  if (isString ? exceedsBytes(frame, MAX_TEXT_BYTES) : frame.byteLength > MAX_TEXT_BYTES) {
    yield { type: "close", code: CloseCode.MessageTooBig };
    return;
  }
  const text = plainLine(isString ? frame : new TextDecoder().decode(frame));
  if (text !== "") yield { type: "text", text };
}

function* decodeLines(lines: readonly string[]): Iterable<Decoded> {
  if (lines.length > MAX_FRAME_LINES) {
    const message = `a frame holds ${MAX_FRAME_LINES} lines at most`;
    yield { type: "invalid", error: { code: "bad_request", message } };
    return;
  }
  for (const line of lines) {
    const parsed = parseCommand(line);
    yield parsed.ok ? { type: "command", command: parsed.value } : { type: "invalid", error: parsed.error };
  }
}
