/** Errors that the client's promises reject with. */
import type { CommandError, ErrorCode } from "../protocol/errors.ts";

/**
 * ChatError is why a command was not carried out: refused by the room, dropped by `discard`
 * (`discarded`), or not settled when the client closed (`closed`).
 */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly code: ErrorCode | "closed" | "discarded";
  /** Milliseconds after which the same command will be taken. */
  declare readonly retryAfter?: number;

  constructor(code: ChatError["code"], message: string, retryAfter?: number) {
    super(message);
    this.code = code;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}

export function chatError({ code, message, retryAfter }: CommandError): ChatError {
  return new ChatError(code, message, retryAfter);
}

export function closedError(): ChatError {
  return new ChatError("closed", "the client was closed before the room answered");
}
