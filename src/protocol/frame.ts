/** Frames: one WebSocket message carries one line or several, joined by a newline. */

/** Subprotocol of the JSON mode; a socket that offers none is in plain mode. */
export const SUBPROTOCOL = "chat.v1";

/** The exact bytes of the client's ping and of its answer, which the runtime itself gives. */
export const PING = '{"type":"ping"}';
export const PONG = '{"type":"pong"}';

/** Frame that carries `lines`, none of which holds a newline. */
export function joinLines(lines: readonly string[]): string {
  return lines.join("\n");
}

/** Lines of a frame; empty ones are left out, so that a trailing newline means nothing. */
export function splitLines(frame: string): string[] {
  return frame.split("\n").filter((line) => line !== "" && line !== "\r");
}

/** Bytes of UTF-8 that `text` takes. A lone surrogate counts as the U+FFFD that it is sent as: 3 bytes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Whether `text` takes more than `limit` bytes of UTF-8. */
export function exceedsBytes(text: string, limit: number): boolean {
  // A UTF-16 unit is 1 to 3 bytes of UTF-8: most texts are settled without counting.
  if (text.length > limit) return true;
  return text.length * 3 > limit && utf8Length(text) > limit;
}

/** Control characters that no text needs: a terminal obeys them, and JSON writes six bytes for each. */
const CONTROLS = /[^\P{Cc}\t\n\r]/gu;

export function hasControls(text: string): boolean {
  return text.search(CONTROLS) >= 0;
}

export function withoutControls(text: string): string {
  return text.replace(CONTROLS, "");
}

/** `text` as one line of plain mode: every newline a space, controls replaced, the ends trimmed. */
export function plainLine(text: string): string {
  return text
    .replace(/\r\n|[\r\n]/g, " ")
    .replace(CONTROLS, "\uFFFD")
    .trim();
}
