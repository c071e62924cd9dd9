/** Pending commands: the outbox in use, with the promises of those who wait for its commands. */

import { exceedsBytes } from "../protocol/frame.ts";
import type { ErrorLine, WelcomeLine } from "../protocol/server-lines.ts";
import { ChatError, chatError, closedError } from "./chat-error.ts";
import * as outboxes from "./outbox.ts";
import type { OutboxCommand } from "./outbox-entry.ts";
import * as recovery from "./outbox-recovery.ts";

/** Ack is a command that the room took: its id, and the seq of its event. */
export interface Ack {
  readonly id: string;
  readonly seq: number;
}

/** PendingCommands holds each command until the room has answered, and settles its promise then. */
export class PendingCommands {
  /** The command `id` is known to be the event `seq`. */
  readonly #taken: (id: string, seq: number) => void;
  readonly #promises = new Map<string, PromiseWithResolvers<Ack>>();
  #outbox: outboxes.Outbox;

  constructor(outbox: outboxes.Outbox, taken: (id: string, seq: number) => void) {
    this.#outbox = outbox;
    this.#taken = taken;
  }

  get outbox(): outboxes.Outbox {
    return this.#outbox;
  }

  /** Queues a command. Rejects with a ChatError. `now` is Unix ms. */
  add(command: OutboxCommand, limits: WelcomeLine["limits"], now: number): Promise<Ack> {
    const objection = tooLong(command, limits);
    if (objection !== null) return Promise.reject(objection);
    const waiting = Promise.withResolvers<Ack>();
    this.#promises.set(command.id, waiting);
    this.#outbox = outboxes.enqueue(this.#outbox, command, now);
    return waiting.promise;
  }

  /** Queues a failed command anew, at the end and under a new id. `now` is Unix ms. */
  retry(id: string, newId: string, now: number): void {
    this.#outbox = outboxes.retried(this.#outbox, id, newId, now);
  }

  /** Drops a command that failed, or that never left. */
  discard(id: string): void {
    const before = this.#outbox;
    this.#outbox = outboxes.discarded(before, id);
    if (this.#outbox === before) return;
    this.#promises.get(id)?.reject(new ChatError("discarded", "the command was discarded"));
    this.#promises.delete(id);
  }

  /** Lines of the next frame, if one is due. They count as sent. */
  takeLines(departure: outboxes.Departure): readonly string[] {
    const { lines, ...step } = outboxes.takeFrame(this.#outbox, departure);
    this.#settle(step);
    return lines;
  }

  /** The room took the command `id` as the event `seq`. `now` is Unix ms. */
  answered(id: string, seq: number, now: number): void {
    this.#settle(outboxes.answered(this.#outbox, id, seq, now));
  }

  /** The room refused a command. Returns whether it was one of these. */
  refused(id: string, { type: _type, id: _id, ...refusal }: ErrorLine, now: number): boolean {
    const step = outboxes.refused(this.#outbox, id, refusal, now);
    const isKnown = step.outbox !== this.#outbox;
    this.#settle(step);
    return isKnown;
  }

  /** The log is known up to `head`. */
  caughtUp(head: number): void {
    this.#outbox = outboxes.caughtUp(this.#outbox, head);
  }

  /** The connection is gone: what was sent on it is in doubt. */
  disconnected(): void {
    this.#outbox = recovery.disconnected(this.#outbox);
  }

  /** There is a connection again, and `own` is what its `welcome` tells. */
  rejoined(own: recovery.OwnEvents): void {
    this.#settle(recovery.rejoined(this.#outbox, own));
  }

  /** Rejects what waits; the commands stay in the outbox. */
  close(): void {
    for (const { reject } of this.#promises.values()) reject(closedError());
    this.#promises.clear();
  }

  get sentAt(): number | null {
    return outboxes.sentAt(this.#outbox);
  }

  /** When the next frame may leave, Unix ms, or `null`. */
  get dueAt(): number | null {
    return outboxes.dueAt(this.#outbox);
  }

  #settle({ outbox, outcomes }: outboxes.Step): void {
    this.#outbox = outbox;
    for (const outcome of outcomes) {
      const { id } = outcome;
      const waiting = this.#promises.get(id); // none where the command is from before a reload, or a retry
      this.#promises.delete(id);
      if ("seq" in outcome) {
        this.#taken(id, outcome.seq);
        waiting?.resolve({ id, seq: outcome.seq });
      } else {
        waiting?.reject(chatError(outcome.refusal));
      }
    }
  }
}

/** Why a command cannot be sent at all, or `null`. */
function tooLong(command: OutboxCommand, limits: WelcomeLine["limits"]): ChatError | null {
  if ("text" in command && exceedsBytes(command.text, limits.text)) {
    return new ChatError("too_long", `the text is over ${limits.text} bytes`);
  }
  if (exceedsBytes(JSON.stringify(command), limits.frame)) {
    return new ChatError("too_long", `the command is over ${limits.frame} bytes`);
  }
  return null;
}
