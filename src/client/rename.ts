/** Rename: the client's display name, and a change of it that the room has not confirmed. */
import { cleanName, guestName } from "../protocol/display-name.ts";
import type { ErrorLine, Member } from "../protocol/server-lines.ts";
import { chatError, closedError, retryDelay } from "./chat-error.ts";
import { type Deferred, deferred } from "./platform.ts";

interface NameChange {
  readonly name: string;
  readonly waiting: Deferred<void>[];
  /** Id of the `rename` command that has no answer yet. */
  id: string | null;
  sentAt: number;
  /** Not sent before this time, Unix ms: the room rate-limited it. */
  notBefore: number;
}

/** Rename keeps the name for the next `hello`. Of several changes only the last is sent. */
export class Rename {
  readonly #newId: () => string;
  #name: string | undefined;
  /** Name in the last `hello`. */
  #helloName: string | undefined;
  #change: NameChange | null = null;

  constructor(newId: () => string, name: string | undefined) {
    this.#newId = newId;
    this.#name = name === undefined ? undefined : cleanName(name);
  }

  /** Returns the name for a `hello`; its `welcome` confirms the name. */
  hello(): string | undefined {
    this.#helloName = this.#change?.name ?? this.#name;
    return this.#helloName;
  }

  /** Requests another name. */
  request(wanted: string): Promise<void> {
    const name = cleanName(wanted);
    const own = deferred<void>();
    const waiting = [...(this.#change?.waiting ?? []), own];
    this.#change = { name, waiting, id: null, sentAt: 0, notBefore: this.#change?.notBefore ?? 0 };
    return own.promise;
  }

  /** Returns the line that is due at `now`, Unix ms, if there is one. */
  takeLines(now: number): string[] {
    const change = this.#change;
    if (change === null || change.id !== null || change.notBefore > now) return [];
    change.id = this.#newId();
    change.sentAt = now;
    return [JSON.stringify({ type: "rename", id: change.id, name: change.name })];
  }

  /** The `welcome` arrived: the name in `hello` is confirmed. */
  welcomed(): void {
    this.#name = this.#helloName;
    if (this.#change?.name === this.#helloName) this.#settle();
  }

  /** The room accepted the command `id`. Returns `you` with the new name, or `null` if it is not a rename. */
  answered(id: string, you: Member): Member | null {
    if (this.#change === null || this.#change.id !== id) return null;
    this.#name = this.#change.name;
    this.#settle();
    return { user: you.user, name: this.#name || guestName(you.user) };
  }

  /** The room rejected the command `id`. Returns whether it was a rename. */
  rejected(id: string, error: ErrorLine, now: number): boolean {
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

  /** The connection is lost: the next `hello` carries the name. */
  disconnected(): void {
    if (this.#change === null) return;
    this.#change.id = null;
    this.#change.notBefore = 0;
  }

  /** Rejects the waiting promises; the name is kept for the next connection. */
  close(): void {
    const change = this.#change;
    if (change === null) return;
    this.#name = change.name;
    this.#change = null;
    for (const { reject } of change.waiting) reject(closedError());
  }

  /** When the unanswered rename was sent, Unix ms, or `null`. */
  get sentAt(): number | null {
    return this.#change?.id ? this.#change.sentAt : null;
  }

  /** When the rename is due, Unix ms, or `null`. */
  get dueAt(): number | null {
    return this.#change === null || this.#change.id !== null ? null : this.#change.notBefore;
  }

  #settle(): void {
    const waiting = this.#change?.waiting ?? [];
    this.#change = null;
    for (const { resolve } of waiting) resolve();
  }
}
