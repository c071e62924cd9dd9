/** Command promises: what the client's methods return until their command is settled. */
import type { LogCommand } from "../protocol/events.ts";
import { exceedsBytes } from "../protocol/frame.ts";
import type { WelcomeLine } from "../protocol/server-lines.ts";
import { ChatError, chatError, closedError } from "./chat-error.ts";
import type { CommandResult } from "./outbox.ts";
import { type AbortSignalLike, type Deferred, deferred } from "./platform.ts";

/** Ack is a command that the room stored: its id, and the seq of its event. */
export interface Ack {
  readonly id: string;
  readonly seq: number;
}

/** CommandPromises settles the promise of each command with its result. */
export class CommandPromises {
  readonly #waiting = new Map<string, Deferred<Ack>>();

  /** Returns the promise of the command `id`; the same one while it is not settled. */
  add(id: string): Promise<Ack> {
    const waiting = this.#waiting.get(id) ?? deferred<Ack>();
    this.#waiting.set(id, waiting);
    return waiting.promise;
  }

  /** Settles the promise of a command. It has none if it is from before a reload, or a retry. */
  settle(result: CommandResult): void {
    const waiting = this.#take(result.id);
    if ("seq" in result) waiting?.resolve(result);
    else waiting?.reject(chatError(result.error, result.id));
  }

  /** The command `id` was discarded. */
  discarded(id: string): void {
    this.#take(id)?.reject(new ChatError("discarded", "the command was discarded", { id }));
  }

  /** Rejects all promises: the client was closed. */
  close(): void {
    for (const [id, { reject }] of this.#waiting) reject(closedError(id));
    this.#waiting.clear();
  }

  #take(id: string): Deferred<Ack> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

/** Returns why a command is too large to be sent at all, or `null`. */
export function sizeError(command: LogCommand, limits: WelcomeLine["limits"]): ChatError | null {
  const { id } = command;
  if ("text" in command && exceedsBytes(command.text, limits.text)) {
    return new ChatError("too_long", `the text is over ${limits.text} bytes`, { id });
  }
  if (exceedsBytes(JSON.stringify(command), limits.frame)) {
    return new ChatError("too_long", `the command is over ${limits.frame} bytes`, { id });
  }
  return null;
}

/**
 * Returns the promise of `work`. It rejects with the signal's reason once that is aborted, after
 * `onAbort`. A caller may ignore it without an unhandled rejection: a message that the room rejects
 * must not end a program, and every failure is an event or part of the state as well.
 */
export function abortable<T>(
  work: () => Promise<T>,
  signal: AbortSignalLike | undefined,
  onAbort: () => void = () => {},
): Promise<T> {
  const { promise, resolve, reject } = deferred<T>();
  promise.catch(() => {});
  const abort = () => {
    onAbort();
    reject(signal?.reason);
  };
  if (signal?.aborted) {
    reject(signal.reason);
  } else {
    signal?.addEventListener("abort", abort);
    work()
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener("abort", abort));
  }
  return promise;
}
