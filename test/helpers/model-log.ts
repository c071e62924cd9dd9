/** ModelLog: a room's log in plain values, written from the protocol document, to compare the real log with. */
import {
  type ErrorCode,
  IDEMPOTENCY_MS,
  isChange,
  MAX_RESUME_EVENTS,
  type Message,
  type RoomEvent,
} from "../../src/protocol/index.ts";

/** ModelBody is a log command without its id. */
export type ModelBody =
  | { readonly type: "send"; readonly text: string; readonly reply?: number }
  | { readonly type: "edit"; readonly target: number; readonly text: string }
  | { readonly type: "delete"; readonly target: number }
  | { readonly type: "react"; readonly target: number; readonly emoji: string; readonly on: boolean };

export interface ModelCommand {
  readonly user: string;
  readonly name: string;
  readonly id: string | undefined;
  readonly body: ModelBody;
}

/** ModelResult is the seq of an `ok` or the code of an `error`. */
export type ModelResult = number | ErrorCode;

/** Accepted is a command that became an event. */
interface Accepted {
  readonly seq: number;
  readonly at: number;
  readonly body: string;
  /** Its row was pruned before an eviction, so the room cannot know the command. */
  isLost: boolean;
  /** Its text was changed before an eviction, so the room cannot tell another body from it. */
  isOverwritten: boolean;
}

export class ModelLog {
  /** Every event as it was made; seq N is at N - 1. */
  readonly events: RoomEvent[] = [];
  /** Every message with all changes applied, also the pruned ones. */
  readonly messages = new Map<number, Message>();
  /** Seqs up to which messages and other events are pruned. */
  pruned = { messages: 0, events: 0 };
  readonly #accepted = new Map<string, Accepted>();

  get head(): number {
    return this.events.length;
  }

  /**
   * Applies a command.
   *
   * @param isNew - whether the room made a new event, asked where the protocol leaves that open
   * @returns the results that the protocol allows
   */
  apply(command: ModelCommand, now: number, isNew: () => boolean): ModelResult[] {
    const { user, id, body } = command;
    const key = `${user} ${id}`;
    const first = id === undefined ? undefined : this.#accepted.get(key);
    const json = JSON.stringify(Object.entries(body).sort());
    const results: ModelResult[] = [];
    if (first !== undefined) {
      if (first.body === json || first.isOverwritten) results.push(first.seq);
      if (first.body !== json) results.push("conflict");
      if (now - first.at < IDEMPOTENCY_MS && !first.isLost) return results;
    }
    const error = this.#check(command);
    if (error !== null) return [...results, error];
    if (first !== undefined && !isNew()) return results;
    const event = this.#append(command, now);
    if (id !== undefined) {
      this.#accepted.set(key, { seq: event.seq, at: now, body: json, isLost: false, isOverwritten: false });
    }
    return [event.seq];
  }

  /** Returns the event with this seq as it was made. Throws if there is none. */
  event(seq: number): RoomEvent {
    const event = this.events[seq - 1];
    if (event === undefined) throw new Error(`the model has no event ${seq}`);
    return event;
  }

  /** Returns the messages that are not pruned, oldest first. */
  kept(): Message[] {
    return [...this.messages.values()].filter(({ seq }) => seq > this.pruned.messages);
  }

  /** Whether the room must accept a resume after `seq`. */
  canResume(seq: number): boolean {
    const pruned = Math.max(this.pruned.messages, this.pruned.events);
    return seq >= pruned && seq <= this.head && this.head - seq <= MAX_RESUME_EVENTS;
  }

  /** Returns the events after `seq`: messages with all changes applied, no text of a deleted message. */
  after(seq: number): RoomEvent[] {
    return this.events.slice(seq).map((event) => {
      if (event.type === "message") return this.messages.get(event.seq) ?? event;
      if (event.type === "edit" && this.messages.get(event.target)?.deleted) return { ...event, text: "" };
      return event;
    });
  }

  /** Records that the room lost its memory and knows only what its log holds. */
  evict(): void {
    for (const accepted of this.#accepted.values()) {
      const event = this.events[accepted.seq - 1];
      if (event === undefined) continue;
      const pruned = event.type === "message" ? this.pruned.messages : this.pruned.events;
      if (accepted.seq <= pruned) accepted.isLost = true;
      const message = this.messages.get(event.type === "edit" ? event.target : event.seq);
      if (message?.deleted || (event.type === "message" && message?.edited)) accepted.isOverwritten = true;
    }
  }

  #check({ user, body }: ModelCommand): ErrorCode | null {
    const target = body.type === "send" ? body.reply : body.target;
    if (target === undefined) return null;
    const message = target > this.pruned.messages ? this.messages.get(target) : undefined;
    if (message === undefined) return "not_found";
    if (body.type === "send") return null;
    if (message.deleted) return "not_found";
    return body.type !== "react" && message.user !== user ? "forbidden" : null;
  }

  #append({ user, name, id, body }: ModelCommand, now: number): RoomEvent {
    const base = { seq: this.head + 1, at: now, user, name, ...(id !== undefined && { id }) };
    if (body.type === "send") {
      const message: Message = { ...body, ...base, type: "message" };
      this.events.push(message);
      this.messages.set(message.seq, message);
      return message;
    }
    const event: RoomEvent = { ...base, ...body };
    this.events.push(event);
    const message = this.messages.get(body.target);
    if (message !== undefined) this.messages.set(message.seq, changed(message, event));
    return event;
  }
}

/** Returns a message after an event about it, as the protocol document describes it. */
export function changed(message: Message, event: RoomEvent): Message {
  if (message.deleted || !isChange(event)) return message;
  if (event.type === "edit") return { ...message, text: event.text, edited: event.at };
  const { reactions, ...rest } = message;
  if (event.type === "delete") return { ...rest, text: "", deleted: true };
  const pairs = Object.entries(reactions ?? {}).flatMap(([emoji, users]) =>
    users.map((user) => [emoji, user] as const),
  );
  const others = pairs.filter(([emoji, user]) => emoji !== event.emoji || user !== event.user);
  if (event.on) others.push([event.emoji, event.user]);
  if (others.length === 0) return rest;
  const grouped: Record<string, string[]> = {};
  for (const [emoji, user] of others.sort()) grouped[emoji] = [...(grouped[emoji] ?? []), user];
  return { ...rest, reactions: grouped };
}

/** Returns an event in a form in which equivalent events are equal: the order of reactions is left open. */
export function normalized(event: RoomEvent): RoomEvent {
  if (event.type !== "message") return event;
  const { reactions, ...rest } = event;
  if (event.deleted) {
    const { edited: _, ...deleted } = rest;
    return deleted;
  }
  if (reactions === undefined) return rest;
  const sorted = Object.entries(reactions).map(([emoji, users]) => [emoji, users.toSorted()] as const);
  return { ...rest, reactions: Object.fromEntries(sorted.sort()) };
}

/** Returns an event as other users see it. */
export function withoutId(event: RoomEvent): RoomEvent {
  const { id: _, ...rest } = event;
  return rest;
}
