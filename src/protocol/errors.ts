/** Errors of rejected commands, one closed table: invalid input never throws. */

/** HTTP status of each error code in the HTTP API. */
export const ERROR_STATUS = {
  bad_request: 400,
  too_long: 413,
  rate_limited: 429,
  forbidden: 403,
  not_found: 404,
  not_joined: 400,
  conflict: 409,
  internal: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** Causes of `forbidden`, for clients that explain them in the words of their language. */
export const CAUSES = [
  "muted",
  "banned",
  "removed",
  "read_only",
  "slow_mode",
  "closed",
  "locked",
  "password",
  "waiting",
  "not_admitted",
  "owner_secret",
  "claimed",
  "role",
  "files_off",
  "file_used",
  "quota",
  "other",
] as const;
export type Cause = (typeof CAUSES)[number];

/** CommandError is the reason why a command was rejected. */
export interface CommandError {
  readonly code: ErrorCode;
  /** A sentence for people. */
  readonly message: string;
  /** Milliseconds after which the room accepts the same command. */
  readonly retryAfter?: number;
  /** Why it is `forbidden`, for a program. */
  readonly cause?: Cause;
  /** Time when the cause ends, Unix ms. */
  readonly until?: number;
  /** What the moderator wrote. */
  readonly reason?: string;
}

/** Result is a value or the reason why there is none. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: CommandError };

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function reject(code: ErrorCode, message: string, retryAfter?: number): Result<never> {
  return { ok: false, error: retryAfter === undefined ? { code, message } : { code, message, retryAfter } };
}
