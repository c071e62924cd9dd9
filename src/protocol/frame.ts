/** Frames: one WebSocket message carries one or more lines, joined by newlines. */

/** Subprotocol of the JSON mode. A socket that offers none is in plain mode. */
export const SUBPROTOCOL = "chat.v1";

/** The exact bytes of a client's ping and of its answer, which the runtime sends without waking the room. */
export const PING = '{"type":"ping"}';
export const PONG = '{"type":"pong"}';

/** Returns the frame of `lines`, none of which contains a newline. */
export function joinLines(lines: readonly string[]): string {
  return lines.join("\n");
}

/** Returns the lines of a frame without the empty ones, so that a trailing newline has no effect. */
export function splitLines(frame: string): string[] {
  return frame.split("\n").filter((line) => line !== "" && line !== "\r");
}

/** Returns the UTF-8 length of `text` in bytes. A lone surrogate counts 3: it is sent as U+FFFD. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Whether `text` is longer than `limit` bytes of UTF-8. */
export function exceedsBytes(text: string, limit: number): boolean {
  // A UTF-16 unit is 1 to 3 bytes of UTF-8, so most texts need no counting.
  if (text.length > limit) return true;
  return text.length * 3 > limit && utf8Length(text) > limit;
}

/** Control characters that no text needs: a terminal obeys them, and JSON needs six bytes for each. */
const CONTROLS = /[^\P{Cc}\t\n\r]/gu;

export function hasControls(text: string): boolean {
  return text.search(CONTROLS) >= 0;
}

export function withoutControls(text: string): string {
  return text.replace(CONTROLS, "");
}

/** Returns `text` as one line of plain mode: newlines become spaces, controls U+FFFD, the ends are trimmed. */
export function plainLine(text: string): string {
  return text
    .replace(/\r\n|[\r\n]/g, " ")
    .replace(CONTROLS, "\uFFFD")
    .trim();
}
