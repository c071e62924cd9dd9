/** Errors that the client's promises reject with. */
import type { Cause, CommandError, ErrorCode } from "../protocol/errors.ts";

/**
 * ChatError says why a command was not carried out: the room rejected it (an ErrorCode), `discard`
 * removed it (`discarded`), or the client closed before the room answered (`closed`). An upload or a
 * download can also fail because its connection did (`unreachable`).
 */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly code: ErrorCode | "closed" | "discarded" | "unreachable";
  /** Id of the command, as in `state.outbox`. */
  declare readonly id?: string;
  /** Milliseconds after which the room accepts the same command. */
  declare readonly retryAfter?: number;
  /** Why it is `forbidden`, for a program. */
  declare readonly cause?: Cause;
  /** Time when the cause ends, Unix ms by the server's clock. */
  declare readonly until?: number;
  /** What the moderator wrote. */
  declare readonly reason?: string;

  constructor(code: ChatError["code"], message: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    for (const [field, value] of Object.entries(details)) {
      if (value !== undefined) Object.defineProperty(this, field, { value, enumerable: true });
    }
  }
}

/** ErrorDetails are the fields of a ChatError that it may not have. */
type ErrorDetails = Partial<Omit<CommandError, "code" | "message">> & { readonly id?: string | undefined };

export function chatError({ code, message, ...details }: CommandError, id?: string): ChatError {
  return new ChatError(code, message, { ...details, id });
}

export function closedError(id?: string): ChatError {
  return new ChatError("closed", "the client was closed before the room answered", { id });
}

/** Returns the error of a `connect` that ended; `why` is the room's error, if there is one. */
export function notJoinedError(why: CommandError | null): ChatError {
  if (why === null) return closedError();
  const { code: _, message, ...details } = why;
  return new ChatError("closed", message, details);
}

/** Wait after a rate limit that names none. */
const DEFAULT_RETRY_MS = 1_000;

/** Returns the wait before a rate-limited command is sent again, ms. */
export function retryDelay({ retryAfter }: { readonly retryAfter?: number | undefined }): number {
  return retryAfter ?? DEFAULT_RETRY_MS;
}
