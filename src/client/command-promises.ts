/** Command promises: what `send`, `edit`, `delete` and `react` return, until their command is settled. */

import type { LogCommand } from "../protocol/events.ts";
import { exceedsBytes } from "../protocol/frame.ts";
import type { WelcomeLine } from "../protocol/server-lines.ts";
import { ChatError, chatError, closedError } from "./chat-error.ts";
import type { CommandResult } from "./outbox.ts";

/** Ack is a command that the room stored: its id, and the seq of its event. */
export interface Ack {
  readonly id: string;
  readonly seq: number;
}

/** CommandPromises settles the promise of each command with its result. */
export class CommandPromises {
  readonly #waiting = new Map<string, PromiseWithResolvers<Ack>>();

  /** Returns the promise of the command `id`. */
  add(id: string): Promise<Ack> {
    const waiting = Promise.withResolvers<Ack>();
    this.#waiting.set(id, waiting);
    return waiting.promise;
  }

  /** Settles the promise of a command. It has none if it is from before a reload, or a retry. */
  settle(result: CommandResult): void {
    const waiting = this.#take(result.id);
    if ("seq" in result) waiting?.resolve(result);
    else waiting?.reject(chatError(result.error));
  }

  /** The command `id` was discarded. */
  discarded(id: string): void {
    this.#take(id)?.reject(new ChatError("discarded", "the command was discarded"));
  }

  /** Rejects all promises: the client was closed. */
  close(): void {
    for (const { reject } of this.#waiting.values()) reject(closedError());
    this.#waiting.clear();
  }

  #take(id: string): PromiseWithResolvers<Ack> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

/** Returns why a command is too large to be sent at all, or `null`. */
export function sizeError(command: LogCommand, limits: WelcomeLine["limits"]): ChatError | null {
  if ("text" in command && exceedsBytes(command.text, limits.text)) {
    return new ChatError("too_long", `the text is over ${limits.text} bytes`);
  }
  if (exceedsBytes(JSON.stringify(command), limits.frame)) {
    return new ChatError("too_long", `the command is over ${limits.frame} bytes`);
  }
  return null;
}
