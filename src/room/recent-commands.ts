/** Recent commands: who sent what under which id, so that a command sent twice makes one event. */
import { IDEMPOTENCY_MS, type RoomEvent } from "../protocol/index.ts";
import type { Log } from "./log.ts";

/** Entries of one generation; with two of them in memory, about 20 MB at the most. */
const MAX_GENERATION = 50_000;

/** What a sequenced command asks for, which is what two commands of one id are compared by. */
export type Content =
  | { readonly type: "send"; readonly text: string; readonly reply?: number }
  | { readonly type: "edit"; readonly target: number; readonly text: string }
  | { readonly type: "delete"; readonly target: number }
  | { readonly type: "react"; readonly target: number; readonly emoji: string; readonly on: boolean };

interface Entry {
  readonly seq: number;
  /** `null` where the first content is no longer known. */
  readonly print: number | null;
}

/**
 * RecentCommands remembers each command for 5 to 10 minutes, in two generations, so that
 * forgetting is one assignment. Past 50,000 commands in 5 minutes it forgets sooner: memory is
 * shared with everything else the room does.
 */
export class RecentCommands {
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #turnedAt = Number.NEGATIVE_INFINITY;

  /** Remembers what the log holds of the last 5 minutes, up to one generation, newest first. `now` is Unix ms. */
  load(log: Log, now: number): void {
    for (const { user, id, event } of log.recentCommands(now - IDEMPOTENCY_MS, MAX_GENERATION)) {
      this.#young.set(keyOf(user, id), { seq: event.seq, print: printOfEvent(event) });
    }
    this.#turnedAt = now;
  }

  /** Seq of the event that `user` made under `id`, `"conflict"` where it was of other content. */
  find(user: string, id: string, content: Content): number | "conflict" | null {
    const key = keyOf(user, id);
    const entry = this.#young.get(key) ?? this.#old.get(key);
    if (entry === undefined) return null;
    return entry.print === null || entry.print === fingerprint(content) ? entry.seq : "conflict";
  }

  add(user: string, id: string, content: Content, seq: number, now: number): void {
    if (now - this.#turnedAt >= IDEMPOTENCY_MS || this.#young.size >= MAX_GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#turnedAt = now;
    }
    this.#young.set(keyOf(user, id), { seq, print: fingerprint(content) });
  }

  /** Forgets a command whose event did not come to be after all. */
  forget(user: string, id: string): void {
    this.#young.delete(keyOf(user, id));
    // A generation may have ended in the middle of the commit that failed.
    this.#old.delete(keyOf(user, id));
  }
}

/** A user id has no colon, so no two pairs share a key. */
function keyOf(user: string, id: string): string {
  return `${user}:${id}`;
}

function printOfEvent(event: RoomEvent): number | null {
  switch (event.type) {
    case "message":
      // Its text is no longer the one it was sent with.
      if (event.edited !== undefined || event.deleted) return null;
      return fingerprint({
        type: "send",
        text: event.text,
        ...(event.reply !== undefined && { reply: event.reply }),
      });
    case "edit":
      // An edit of a message that was deleted since has lost its text.
      return event.text === "" ? null : fingerprint(event);
    case "delete":
    case "react":
      return fingerprint(event);
  }
}

function fingerprint(content: Content): number {
  switch (content.type) {
    case "send":
      return hash(`s${content.reply ?? ""}\n${content.text}`);
    case "edit":
      return hash(`e${content.target}\n${content.text}`);
    case "delete":
      return hash(`d${content.target}`);
    case "react":
      return hash(`r${content.target}\n${content.emoji}\n${content.on}`);
  }
}

/** FNV-1a of 32 bits: a clash would only take a changed resend for a repeated one. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
