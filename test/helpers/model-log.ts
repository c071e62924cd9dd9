// A room's log as the protocol describes it, in plain values: what the real one is compared with.
import {
  type ErrorCode,
  IDEMPOTENCY_MS,
  MAX_RESUME_EVENTS,
  type Message,
  type RoomEvent,
} from "../../src/protocol/index.ts";

/** What a command asks for, without its id. */
export type ModelContent =
  | { readonly type: "send"; readonly text: string; readonly reply?: number }
  | { readonly type: "edit"; readonly target: number; readonly text: string }
  | { readonly type: "delete"; readonly target: number }
  | { readonly type: "react"; readonly target: number; readonly emoji: string; readonly on: boolean };

export interface ModelCommand {
  readonly user: string;
  readonly name: string;
  readonly id: string | undefined;
  readonly content: ModelContent;
}

/** An answer that the protocol allows: the seq of an `ok`, or the code of an `error`. */
export type ModelAnswer = number | ErrorCode;

interface Remembered {
  readonly seq: number;
  readonly at: number;
  readonly content: string;
  /** Its row was pruned before a waking: the room cannot know it any more. */
  lost: boolean;
  /** Its text was altered before a waking: the room cannot tell another content from it any more. */
  blurred: boolean;
}

/** Events and the answers to those who asked for them. */
export class ModelLog {
  /** Every event as it was said; the one of seq N is at N - 1. */
  readonly events: RoomEvent[] = [];
  /** Every message as it now stands, pruned ones as they last stood. */
  readonly messages = new Map<number, Message>();
  /** Seqs up to which messages, and other events, are gone. */
  pruned = { messages: 0, events: 0 };
  readonly #remembered = new Map<string, Remembered>();

  get head(): number {
    return this.events.length;
  }

  /**
   * Carries a command out.
   *
   * @param wasMade - asked where the protocol leaves it open whether this makes a new event
   * @returns the answers that are right, of which the room gives one
   */
  carryOut(command: ModelCommand, now: number, wasMade: () => boolean): ModelAnswer[] {
    const { user, id, content } = command;
    const key = `${user} ${id}`;
    const first = id === undefined ? undefined : this.#remembered.get(key);
    const asked = JSON.stringify(Object.entries(content).sort());
    const answers: ModelAnswer[] = [];
    if (first !== undefined) {
      if (first.content === asked || first.blurred) answers.push(first.seq);
      if (first.content !== asked) answers.push("conflict");
      if (now - first.at < IDEMPOTENCY_MS && !first.lost) return answers;
    }
    const refusal = this.#objection(command);
    if (refusal !== null) return [...answers, refusal];
    if (first !== undefined && !wasMade()) return answers;
    const event = this.#append(command, now);
    if (id !== undefined) {
      this.#remembered.set(key, { seq: event.seq, at: now, content: asked, lost: false, blurred: false });
    }
    return [event.seq];
  }

  /** Messages that are kept, oldest first. */
  kept(): Message[] {
    return [...this.messages.values()].filter(({ seq }) => seq > this.pruned.messages);
  }

  /** Whether a resume after `seq` is to be granted. */
  grants(seq: number): boolean {
    const pruned = Math.max(this.pruned.messages, this.pruned.events);
    return seq >= pruned && seq <= this.head && this.head - seq <= MAX_RESUME_EVENTS;
  }

  /** The events after `seq`: messages as they now stand, and no text of a message that was deleted. */
  after(seq: number): RoomEvent[] {
    return this.events.slice(seq).map((event) => {
      if (event.type === "message") return this.messages.get(event.seq) ?? event;
      if (event.type === "edit" && this.messages.get(event.target)?.deleted) return { ...event, text: "" };
      return event;
    });
  }

  /** The room lost its memory: it knows what its log can tell it. */
  wake(): void {
    for (const first of this.#remembered.values()) {
      const event = this.events[first.seq - 1];
      if (event === undefined) continue;
      const gone = event.type === "message" ? this.pruned.messages : this.pruned.events;
      if (first.seq <= gone) first.lost = true;
      const about = event.type === "edit" ? this.messages.get(event.target) : this.messages.get(event.seq);
      if (about?.deleted || (event.type === "message" && about?.edited)) first.blurred = true;
    }
  }

  #objection({ user, content }: ModelCommand): ErrorCode | null {
    const target = content.type === "send" ? content.reply : content.target;
    if (target === undefined) return null;
    const message = target > this.pruned.messages ? this.messages.get(target) : undefined;
    if (message === undefined) return "not_found";
    if (content.type === "send") return null;
    if (message.deleted) return "not_found";
    return content.type !== "react" && message.user !== user ? "forbidden" : null;
  }

  #append({ user, name, id, content }: ModelCommand, now: number): RoomEvent {
    const stamp = { seq: this.head + 1, at: now, user, name, ...(id !== undefined && { id }) };
    if (content.type === "send") {
      const { type: _, ...said } = content;
      const message: Message = { type: "message", ...stamp, ...said };
      this.events.push(message);
      this.messages.set(message.seq, message);
      return message;
    }
    const event: RoomEvent = { ...stamp, ...content };
    this.events.push(event);
    const message = this.messages.get(content.target);
    if (message !== undefined) this.messages.set(message.seq, changed(message, event));
    return event;
  }
}

/** A message after an event about it, as a reader of the protocol would have it. */
export function changed(message: Message, event: RoomEvent): Message {
  if (message.deleted || event.type === "message") return message;
  if (event.type === "edit") return { ...message, text: event.text, edited: event.at };
  const { reactions, ...bare } = message;
  if (event.type === "delete") return { ...bare, text: "", deleted: true };
  const pairs = Object.entries(reactions ?? {}).flatMap(([emoji, users]) =>
    users.map((user) => [emoji, user] as const),
  );
  const others = pairs.filter(([emoji, user]) => emoji !== event.emoji || user !== event.user);
  if (event.on) others.push([event.emoji, event.user]);
  if (others.length === 0) return bare;
  const grouped: Record<string, string[]> = {};
  for (const [emoji, user] of others.sort()) grouped[emoji] = [...(grouped[emoji] ?? []), user];
  return { ...bare, reactions: grouped };
}

/** An event in a form in which two that say the same are equal: the order of reactions is left open. */
export function normal(event: RoomEvent): RoomEvent {
  if (event.type !== "message") return event;
  const { reactions, ...bare } = event;
  if (event.deleted) {
    const { edited: _, ...gone } = bare;
    return gone;
  }
  if (reactions === undefined) return bare;
  const sorted = Object.entries(reactions).map(([emoji, users]) => [emoji, users.toSorted()] as const);
  return { ...bare, reactions: Object.fromEntries(sorted.sort()) };
}

/** An event as others than its author see it. */
export function withoutId(event: RoomEvent): RoomEvent {
  const { id: _, ...shown } = event;
  return shown;
}
