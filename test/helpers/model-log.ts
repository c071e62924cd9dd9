/** ModelLog: a room's log in plain values, written from the protocol document, to compare the real log with. */
import {
  IDEMPOTENCY_MS,
  isChange,
  isTimelineEvent,
  MAX_RESUME_EVENTS,
  type Message,
  type RoomEvent,
  type TimelineEvent,
} from "../../src/protocol/index.ts";
import { type Circumstances, errorText, type ModelBody, ModelRules } from "./model-rules.ts";
import { ModelSlowMode } from "./model-slow-mode.ts";

export interface ModelCommand {
  readonly user: string;
  readonly name: string;
  readonly id: string | undefined;
  readonly body: ModelBody;
  readonly circumstances: Circumstances;
}

/** ModelResult is the seq of an `ok`, or an error as `errorText` returns it. */
export type ModelResult = number | string;

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
  /** Every event of the epoch as it was made; seq N is at N - 1. */
  readonly events: RoomEvent[] = [];
  /** Every message with all changes applied, also the pruned ones. */
  readonly messages = new Map<number, Message>();
  readonly rules = new ModelRules();
  /** Seqs up to which messages with notices, and changes, are deleted. */
  deleted = { messages: 0, events: 0 };
  /** Seqs up to which messages with notices, and changes, are too old. */
  #old = { messages: 0, events: 0 };
  /** Events made since `startBatch`, also those that a wipe deleted. */
  batch: RoomEvent[] = [];
  readonly #slowMode = new ModelSlowMode();
  readonly #accepted = new Map<string, Accepted>();

  get head(): number {
    return this.events.length;
  }

  /** Seqs up to which messages with notices, and changes, are pruned for readers. */
  get pruned(): { readonly messages: number; readonly events: number } {
    return {
      messages: Math.max(this.deleted.messages, this.#old.messages),
      events: Math.max(this.deleted.events, this.#old.events),
    };
  }

  /** Hides what is too old at `now`, Unix ms. */
  hide(now: number): void {
    const days = { all: null, day: 1, week: 7, month: 30, presence: null }[this.rules.settings.retention];
    const isOld = ({ at }: RoomEvent) => days !== null && at <= now - days * 24 * 3_600_000;
    const last = (isShown: boolean) =>
      this.events.findLast((event) => isTimelineEvent(event) === isShown && isOld(event))?.seq ?? 0;
    this.#old = { messages: last(true), events: last(false) };
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
    const json = JSON.stringify(Object.entries(withoutSecrets(body)).sort());
    const results: ModelResult[] = [];
    if (first !== undefined) {
      if (first.body === json || first.isOverwritten) results.push(first.seq);
      if (first.body !== json) results.push("conflict");
      if (now - first.at < IDEMPOTENCY_MS && !first.isLost) return results;
    }
    const { since } = command.circumstances;
    const errors = [
      ...this.rules.errors(user, body, now, this.head),
      ...this.#targetErrors(command, this.rules.roleOf(user) !== "member"),
    ];
    if (errors.length > 0) return [...results, ...errors];
    const { slowMode } = this.rules.settings;
    const isLimited = body.type === "send" && this.rules.roleOf(user) === "member";
    const isKept = (at: number) => this.#hasMessage(user, at);
    const mustWait = isLimited ? this.#slowMode.mustWait(user, slowMode, since, now, isKept) : "no";
    if (mustWait !== "no") results.push(errorText("slow_mode"));
    if (mustWait === "yes") return results;
    if ((first !== undefined || mustWait === "maybe") && !isNew()) return results;
    const event = this.#append(command, now);
    if (id !== undefined) {
      this.#accepted.set(key, { seq: event.seq, at: now, body: json, isLost: false, isOverwritten: false });
    }
    return [event.seq];
  }

  /** Begins a batch of commands. */
  startBatch(): void {
    this.batch = [];
  }

  /** Records that a user opened a connection. */
  came(user: string, now: number): void {
    this.#slowMode.came(user, now);
  }

  /** Returns the event with this seq as it was made. Throws if there is none. */
  event(seq: number): RoomEvent {
    const event = this.events[seq - 1];
    if (event === undefined) throw new Error(`the model has no event ${seq}`);
    return event;
  }

  /** Returns the messages, with all changes applied, and the notices that are not pruned, oldest first. */
  kept(): TimelineEvent[] {
    return this.events
      .slice(this.pruned.messages)
      .filter(isTimelineEvent)
      .map((event) => this.messages.get(event.seq) ?? event);
  }

  /** Returns the newest `limit` messages and notices before `seq`, and as many more as it needs to have a message. */
  page(seq: number, limit: number): TimelineEvent[] {
    const older = this.kept().filter((event) => event.seq < seq);
    const newestMessage = older.findLastIndex(({ type }) => type === "message");
    return limit === 0
      ? []
      : older.slice(Math.min(Math.max(0, older.length - limit), Math.max(0, newestMessage)));
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

  /** Records that the room forgot when users wrote and came, except what its log holds. */
  forgetTimes(): void {
    this.#slowMode.forget();
  }

  /** Records that the room lost its memory and knows only what its log holds. */
  evict(): void {
    this.forgetTimes();
    for (const accepted of this.#accepted.values()) {
      const event = this.events[accepted.seq - 1];
      if (event === undefined) continue;
      const pruned = isTimelineEvent(event) ? this.pruned.messages : this.pruned.events;
      if (accepted.seq <= pruned) accepted.isLost = true;
      const message = this.messages.get(event.type === "edit" ? event.target : event.seq);
      if (message?.deleted || (event.type === "message" && message?.edited)) accepted.isOverwritten = true;
    }
  }

  /** Whether the log has a message of a user from that time, Unix ms. */
  #hasMessage(user: string, at: number): boolean {
    return this.kept().some((event) => event.type === "message" && event.user === user && event.at === at);
  }

  #targetErrors({ user, body }: ModelCommand, isStaff: boolean): string[] {
    const target = body.type === "send" ? body.reply : "target" in body ? body.target : undefined;
    if (target === undefined) return [];
    const message = target > this.pruned.messages ? this.messages.get(target) : undefined;
    if (message === undefined) return ["not_found"];
    if (body.type === "send") return [];
    if (message.deleted) return ["not_found"];
    const mayChange = message.user === user || (body.type === "delete" && isStaff);
    return (body.type === "edit" || body.type === "delete") && !mayChange ? ["forbidden"] : [];
  }

  #append({ user, name, id, body, circumstances }: ModelCommand, now: number): RoomEvent {
    if (body.type === "wipe") this.#restart();
    const base = { seq: this.head + 1, at: now, user, name, ...(id !== undefined && { id }) };
    const event = eventOf(body, base, circumstances, this.rules.isOwned);
    this.events.push(event);
    this.batch.push(event);
    if (event.type === "message") {
      this.messages.set(event.seq, event);
      this.#slowMode.wrote(user, now);
    }
    const message = isChange(event) ? this.messages.get(event.target) : undefined;
    if (message !== undefined) this.messages.set(message.seq, changed(message, event));
    this.rules.apply(event, body, circumstances);
    return event;
  }

  /** Deletes all events: the log starts again with another epoch. */
  #restart(): void {
    this.events.length = 0;
    this.messages.clear();
    this.#accepted.clear();
    this.deleted = { messages: 0, events: 0 };
    this.#old = { messages: 0, events: 0 };
  }
}

/** Returns the event that a command becomes. */
function eventOf(
  body: ModelBody,
  base: Pick<Message, "seq" | "at" | "user" | "name" | "id">,
  { memberName }: Circumstances,
  isOwned: boolean,
): RoomEvent {
  const named = memberName === undefined ? {} : { memberName };
  switch (body.type) {
    case "send":
      return {
        text: body.text,
        ...(body.reply !== undefined && { reply: body.reply }),
        ...base,
        type: "message",
      };
    case "claim":
      return { type: "claim", ...base, ...(isOwned ? {} : body.create) };
    case "settings":
    case "owner": {
      const { newPassword: _1, secret: _2, ...fields } = { newPassword: 0, secret: 0, ...body };
      return { ...fields, ...base } as RoomEvent;
    }
    case "role":
    case "mute":
    case "ban":
    case "remove":
    case "admit":
      return { ...body, ...base, ...named };
    default:
      return { ...body, ...base };
  }
}

function withoutSecrets(body: ModelBody): object {
  const { newPassword: _1, secret: _2, ...rest } = { newPassword: 0, secret: 0, ...body };
  return rest;
}

/** Returns a message after an event about it, as the protocol document describes it. */
export function changed(message: Message, event: RoomEvent): Message {
  if (message.deleted || !isChange(event)) return message;
  if (event.type === "edit") return { ...message, text: event.text, edited: event.at };
  const { reactions, ...rest } = message;
  if (event.type === "delete") {
    return { ...rest, text: "", deleted: true, ...(event.user !== message.user && { moderated: true }) };
  }
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

/**
 * Returns an event in a form in which equivalent events are equal: the order of reactions is left open, and the name
 * of a member who is not in the room.
 */
export function normalized(event: RoomEvent): RoomEvent {
  if ("memberName" in event) {
    const { memberName: _, ...rest } = event;
    return rest;
  }
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
