/** Close codes of the room's sockets. Each says whether the client should reconnect. */

import { exceedsBytes } from "./frame.ts";

/**
 * CloseCode is the reason why the room closed a socket. 1xxx are defined by RFC 6455, section 7.4.
 * Of the application's own codes, 4000 to 4499 mean "reconnect", 4500 to 4999 "do not reconnect".
 */
export const CloseCode = {
  /** A binary frame in `chat.v1`. */
  UnsupportedData: 1003,
  /** Three lines in a row that are not JSON. */
  InvalidPayload: 1007,
  /** A frame over the size limit. */
  MessageTooBig: 1009,
  /** The room failed. */
  InternalError: 1011,
  /** The client left too much unread. */
  SlowReader: 4008,
  /** The client sent nothing for too long. */
  Stale: 4009,
  /** No `hello` in time. */
  NoHello: 4010,
  /** The connection belongs to another part of the room now, or its part has lost the room. */
  Moved: 4011,
  /** Far over the rate limit. */
  RateAbuse: 4029,
  /** A wipe or an import replaced the log: it has another epoch. */
  NewEpoch: 4012,
  /** The room has its maximum number of connections. */
  RoomFull: 4502,
  /** The room has its maximum number of connections from one address. */
  AddressFull: 4503,
  /** A moderator removed the user, who may come back. */
  Removed: 4504,
  /** The user or the network is banned. */
  Banned: 4505,
  /** The owner closed the room. */
  Closed: 4506,
  /** Nobody new may enter. */
  Locked: 4507,
  /** The room needs a password, and the one of `hello` is missing or wrong. */
  WrongPassword: 4508,
  /** A moderator did not let the user in. */
  NotAdmitted: 4509,
  /** Too many people wait to be let in. */
  TooManyWaiting: 4510,
} as const;

export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** Longest reason of a close frame, in bytes of UTF-8 (RFC 6455, section 5.5). */
const MAX_REASON_BYTES = 123;

/** Reason that the room sends with each code. */
export const CLOSE_REASON: Readonly<Record<CloseCode, string>> = {
  1003: "chat.v1 takes text frames only",
  1007: "three lines in a row were not JSON",
  1009: "the frame is over the size limit",
  1011: "internal error",
  4008: "the connection reads too slowly; reconnect and resume",
  4009: "nothing was received from this connection; reconnect and resume",
  4010: "no hello within 10 seconds",
  4011: "this part of the room closes the connection; reconnect and resume",
  4029: "far over the rate limit; slow down, then reconnect",
  4012: "the messages were deleted or replaced; reconnect",
  4502: "the room is full",
  4503: "too many connections from this address",
  4504: "a moderator removed you from the room",
  4505: "you are banned from the room",
  4506: "the room is closed",
  4507: "the room is locked: nobody new may enter",
  4508: "the room needs its password",
  4509: "a moderator did not let you in",
  4510: "too many people are waiting to be let in",
};

/**
 * Returns what to answer to a client's close frame: its own code and reason, or nothing if those may not
 * be sent (RFC 6455, sections 5.5 and 7.4).
 */
export function closeAnswer(code: number, reason: string): { code?: number; reason?: string } {
  const sendable =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  if (!sendable) return {};
  return exceedsBytes(reason, MAX_REASON_BYTES) ? { code } : { code, reason };
}

/** Whether a client should reconnect after a socket closed with `code`. */
export function mayReconnect(code: number): boolean {
  return code < 4500 || code > 4999;
}
