/** Rename: the name one goes by, and the change of it that the room has not confirmed yet. */
import { cleanName, guestName } from "../protocol/display-name.ts";
import type { ErrorLine, Member } from "../protocol/server-lines.ts";
import { retryDelay } from "./backoff.ts";
import { chatError, closedError } from "./chat-error.ts";

interface Change {
  readonly name: string;
  readonly waiting: PromiseWithResolvers<void>[];
  id: string | null;
  sentAt: number;
  /** It waits for this, Unix ms, after a rate limit. */
  notBefore: number;
}

/** Rename keeps the name for the next `hello`. Of several changes only the last goes out. */
export class Rename {
  readonly #newId: () => string;
  #name: string | undefined;
  #told: string | undefined;
  #change: Change | null = null;

  constructor(newId: () => string, name: string | undefined) {
    this.#newId = newId;
    this.#name = name === undefined ? undefined : cleanName(name);
  }

  /** The name for a `hello`, which confirms it. */
  tell(): string | undefined {
    this.#told = this.#change?.name ?? this.#name;
    return this.#told;
  }

  /** Wants another name. */
  request(wanted: string): Promise<void> {
    const name = cleanName(wanted);
    const own = Promise.withResolvers<void>();
    const waiting = [...(this.#change?.waiting ?? []), own];
    this.#change = { name, waiting, id: null, sentAt: 0, notBefore: this.#change?.notBefore ?? 0 };
    return own.promise;
  }

  /** The line that is due, if there is one. `now` is Unix ms. */
  takeLines(now: number): string[] {
    const change = this.#change;
    if (change === null || change.id !== null || change.notBefore > now) return [];
    change.id = this.#newId();
    change.sentAt = now;
    return [JSON.stringify({ type: "rename", id: change.id, name: change.name })];
  }

  /** The room joined us under the name told. */
  welcomed(): void {
    this.#name = this.#told;
    if (this.#change?.name === this.#told) this.#settle();
  }

  /** The room took the change `id`. Returns `you` under the new name, or `null` where it is another's id. */
  answered(id: string, you: Member): Member | null {
    if (this.#change === null || this.#change.id !== id) return null;
    this.#name = this.#change.name;
    this.#settle();
    return { user: you.user, name: this.#name || guestName(you.user) };
  }

  /** The room refused the change `id`. Returns whether it was one of these. */
  refused(id: string, error: ErrorLine, now: number): boolean {
    const change = this.#change;
    if (change === null || change.id !== id) return false;
    if (error.code === "rate_limited") {
      change.id = null;
      change.notBefore = now + retryDelay(error);
      return true;
    }
    this.#change = null;
    for (const { reject } of change.waiting) reject(chatError(error));
    return true;
  }

  /** The connection is gone: the next `hello` tells the name. */
  disconnected(): void {
    if (this.#change === null) return;
    this.#change.id = null;
    this.#change.notBefore = 0;
  }

  /** Rejects what waits; the name is kept for the next connection. */
  close(): void {
    const change = this.#change;
    if (change === null) return;
    this.#name = change.name;
    this.#change = null;
    for (const { reject } of change.waiting) reject(closedError());
  }

  get sentAt(): number | null {
    return this.#change?.id ? this.#change.sentAt : null;
  }

  /** When the change may leave, Unix ms, or `null`. */
  get dueAt(): number | null {
    return this.#change === null || this.#change.id !== null ? null : this.#change.notBefore;
  }

  #settle(): void {
    const waiting = this.#change?.waiting ?? [];
    this.#change = null;
    for (const { resolve } of waiting) resolve();
  }
}
