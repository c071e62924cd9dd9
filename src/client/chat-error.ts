/** Errors that the client's promises reject with. */
import type { CommandError, ErrorCode } from "../protocol/errors.ts";

/**
 * ChatError says why a command was not carried out: the room rejected it (an ErrorCode), `discard`
 * removed it (`discarded`), or the client closed before the room answered (`closed`).
 */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly code: ErrorCode | "closed" | "discarded";
  /** Id of the command, as in `state.outbox`. */
  declare readonly id?: string;
  /** Milliseconds after which the room accepts the same command. */
  declare readonly retryAfter?: number;

  constructor(
    code: ChatError["code"],
    message: string,
    details: { readonly id?: string | undefined; readonly retryAfter?: number | undefined } = {},
  ) {
    super(message);
    this.code = code;
    if (details.id !== undefined) this.id = details.id;
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter;
  }
}

export function chatError({ code, message, retryAfter }: CommandError, id?: string): ChatError {
  return new ChatError(code, message, { id, retryAfter });
}

export function closedError(id?: string): ChatError {
  return new ChatError("closed", "the client was closed before the room answered", { id });
}

/** Wait after a rate limit that names none. */
const DEFAULT_RETRY_MS = 1_000;

/** Returns the wait before a rate-limited command is sent again, ms. */
export function retryDelay({ retryAfter }: { readonly retryAfter?: number | undefined }): number {
  return retryAfter ?? DEFAULT_RETRY_MS;
}
