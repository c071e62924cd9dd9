/** Errors of the Worker: thrown anywhere, answered by one handler. */
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ERROR_STATUS, type ErrorCode } from "../protocol/index.ts";

/** Codes of the HTTP API only, beside those of rejected commands. */
const API_STATUS = { epoch: 409, pruned: 410, method_not_allowed: 405, unavailable: 503 } as const;
const STATUS = { ...ERROR_STATUS, ...API_STATUS };

export type ApiErrorCode = ErrorCode | keyof typeof API_STATUS;

/** Returns an error that is answered as JSON, with the status of its code. `details` are more fields of it. */
export function apiError(
  code: ApiErrorCode,
  message: string,
  { headers = {}, details = {} }: { headers?: Record<string, string>; details?: object } = {},
): HTTPException {
  const res = Response.json({ error: { code, message, ...details } }, { status: STATUS[code], headers });
  return new HTTPException(STATUS[code], { message, res });
}

/** Returns an error that is answered as one line of plain text. */
export function textError(
  status: ContentfulStatusCode,
  message: string,
  headers: Record<string, string> = {},
): HTTPException {
  const types = { "Content-Type": "text/plain;charset=UTF-8", "X-Content-Type-Options": "nosniff" };
  const res = new Response(`${message}\n`, { status, headers: { ...types, ...headers } });
  return new HTTPException(status, { message, res });
}

/** Returns the `Retry-After` header for a wait in milliseconds. */
export function retryAfter(ms: number | undefined): Record<string, string> {
  return ms === undefined ? {} : { "Retry-After": `${Math.ceil(ms / 1000)}` };
}
