/** Close codes of the room's sockets, and which of them a client comes back after. */

import { exceedsBytes } from "./frame.ts";

/**
 * CloseCode is why the room closed a socket. 1xxx are of RFC 6455, section 7.4; of the
 * application's own, 4000 to 4499 mean "reconnect", 4500 to 4999 "do not".
 */
export const CloseCode = {
  /** A binary frame in `chat.v1`. */
  UnsupportedData: 1003,
  /** Lines that are not JSON, three times running. */
  InvalidPayload: 1007,
  /** A frame over the limit. */
  MessageTooBig: 1009,
  /** A failure of the room's own. */
  InternalError: 1011,
  /** The reader does not take in what it is sent. */
  SlowReader: 4008,
  /** Nothing was heard from the client for too long. */
  Stale: 4009,
  /** No `hello` in time. */
  NoHello: 4010,
  /** Far over the rate limit. */
  RateAbuse: 4029,
  /** The room has as many connections as it may. */
  RoomFull: 4502,
} as const;

export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** A close frame has this much room for its reason, in bytes of UTF-8 (RFC 6455, section 5.5). */
const MAX_REASON_BYTES = 123;

/** Reason of a close frame; each is under the 123 bytes that RFC 6455 leaves for it. */
export const CLOSE_REASON: Readonly<Record<CloseCode, string>> = {
  1003: "chat.v1 takes text frames only",
  1007: "three lines running were not JSON",
  1009: "the frame is over the size limit",
  1011: "internal error",
  4008: "the connection reads too slowly; reconnect and resume",
  4009: "nothing was heard from this connection; reconnect and resume",
  4010: "no hello within 10 seconds",
  4029: "far over the rate limit; slow down, then reconnect",
  4502: "the room is full",
};

/**
 * The code and the reason that answer a close frame of `code` and `reason`: its own, or none where
 * it carried what may not be sent (RFC 6455, sections 5.5 and 7.4).
 */
export function closeAnswer(code: number, reason: string): { code?: number; reason?: string } {
  const sendable =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  if (!sendable) return {};
  return exceedsBytes(reason, MAX_REASON_BYTES) ? { code } : { code, reason };
}

/** Whether a client should connect again after a socket closed with `code`. */
export function mayReconnect(code: number): boolean {
  return code < 4500 || code > 4999;
}
