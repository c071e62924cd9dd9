/** A room that is open in this page: its client, and what the views show of it. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { ChatClient, type ChatState, type TimelineMessage } from "../../client/index.ts";
import { guestName } from "../../protocol/display-name.ts";
import type { RoomEvent } from "../../protocol/events.ts";
import { socketPath } from "../../protocol/room-name.ts";
import { locale } from "../i18n/index.ts";
import { byName } from "../text/by-name.ts";
import { canRead } from "../text/markdown.ts";
import { dayOf } from "../text/time.ts";
import { type Block, blocksOf, findMessage, type Item, isGap } from "../timeline/rows.ts";
import { Busy } from "./busy.ts";
import { cachedMessages, keepMessages } from "./cache.ts";
import { Composer } from "./composer.ts";
import { lookAlikesOf } from "./look-alikes.ts";
import { newlyRefused, pendingSends, withPending } from "./pending.ts";
import type { Place } from "./place.ts";
import { identityKey, ownName } from "./settings.ts";
import { lastRead, markRead } from "./visited.ts";

/** Messages asked for at first; the rest comes on scrolling up. */
const FIRST_MESSAGES = 50;

/** Pixels of the window for each of the messages that are drawn first: they fill it, but for a room of short ones. */
const PIXELS_PER_MESSAGE = 64;

/** RoomSession is one open room. */
export class RoomSession {
  readonly room: string;
  readonly client: ChatClient;
  readonly composer: Composer;
  readonly state: Signal<ChatState>;
  /** Seq after which messages are new: the line is drawn there. */
  readonly unreadAfter = signal<number | null>(null);
  /** Messages that came since the reader last was at the end of the room. */
  readonly unread = signal(0);
  /** Seqs of messages that are being deleted, and can still be brought back. */
  readonly hidden = signal<ReadonlySet<number>>(new Set());
  /** The blocks hold all messages, not only the latest ones, which a screen holds and which show soonest. */
  readonly isWhole = signal(false);
  /** The timeline, as it stands with what is on its way. */
  readonly blocks: ReadonlySignal<readonly Block[]>;
  /** Messages have come, and what reads their texts has not. */
  readonly isReading = computed(() => this.blocks.value.length === 0 && this.#items().length > 0);
  readonly pending = computed(() => pendingSends(this.#outbox.value));
  /** The reader's user id; empty before the first welcome. */
  readonly you = computed(() => this.state.value.you?.user ?? "");
  /** Name that the reader is mentioned by: also that of a guest who has not chosen one. */
  readonly ownName = computed(() => ownName.value || (this.state.value.you?.name ?? ""));
  /** Older messages can be loaded. */
  readonly more = computed(() => this.state.value.timeline.more);
  /** Messages are those kept from an earlier visit: nothing has come from the server yet. */
  readonly fromCache = computed(() => this.state.value.epoch === undefined);
  /** The latest messages are on the screen. */
  readonly atEnd = signal(true);
  /** Seq of a message that the view is to go to. */
  readonly jumpTo = signal<number | null>(null);
  /** Older messages are being loaded. */
  readonly loading = new Busy();
  /** People present, in the order of their names; `null` where they are too many to list. */
  readonly people = computed(() => {
    const members = this.#members.value;
    return members && byName(members, locale.value);
  });
  /** Users present whose names look alike. */
  readonly lookAlikes: ReadonlySignal<ReadonlySet<string>>;

  // Parts of the state on their own: what is made from them is made again only when they are others.
  readonly #known = computed(() => this.state.value.timeline.items);
  readonly #members = computed(() => this.state.value.members);
  readonly #outbox = computed(() => this.state.value.outbox);
  readonly #cached: readonly TimelineMessage[];
  readonly #stops: (() => void)[] = [];
  readonly #heard = new Set<(event: RoomEvent) => void>();

  constructor(room: string, place: Place) {
    this.room = room;
    this.#cached = cachedMessages(room);
    const name = ownName.peek();
    this.client = new ChatClient({
      url: new URL(socketPath(room), location.href).href,
      key: identityKey(),
      history: FIRST_MESSAGES,
      storage: place.outbox,
      ...(name === "" ? {} : { name }),
    });
    this.state = signal(this.client.state);
    this.composer = new Composer(this, place);
    this.lookAlikes = lookAlikesOf(this.#members);
    let blocks: readonly Block[] = [];
    this.blocks = computed(() => {
      const unreadAfter = this.unreadAfter.value;
      // The line of what is new may be anywhere.
      const isWhole = this.isWhole.value || unreadAfter !== null;
      const first = Math.ceil(innerHeight / PIXELS_PER_MESSAGE);
      const items = this.#items();
      if (!this.isWhole.value && !canRead(textsOf(items.slice(-first)))) return blocks;
      blocks = blocksOf(items, { unreadAfter, dayOf, ...(isWhole ? {} : { last: first }) }, blocks);
      return blocks;
    });
    this.#stops.push(
      this.client.on("state", (state) => this.#take(state)),
      this.client.on("event", (event) => {
        for (const listener of this.#heard) listener(event);
      }),
      ownName.subscribe((name) => this.#rename(name)),
      listen("pagehide", () => this.#keep()),
    );
  }

  /** Calls `listener` with each event that happens from now on. */
  onEvent(listener: (event: RoomEvent) => void): () => void {
    this.#heard.add(listener);
    return () => void this.#heard.delete(listener);
  }

  /** Ends the session: what is on its way stays in the outbox. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.composer.close();
    this.#keep();
    this.client.close();
  }

  /** Message with `seq`, where it is loaded. */
  message(seq: number): TimelineMessage | undefined {
    return findMessage(this.state.peek().timeline.items, seq);
  }

  /** Name of `user`, as far as it is known here. */
  nameOf(user: string): string {
    const { members, timeline } = this.state.peek();
    const present = members?.find((member) => member.user === user);
    if (present !== undefined) return present.name;
    const said = timeline.items.findLast(
      (item): item is TimelineMessage => !isGap(item) && item.user === user,
    );
    return said?.name ?? guestName(user);
  }

  /** Last message of the reader's own that can be edited. */
  lastOwn(): TimelineMessage | undefined {
    const { timeline, you } = this.state.peek();
    return timeline.items.findLast(
      (item): item is TimelineMessage =>
        !isGap(item) && item.user === you?.user && item.deleted === undefined,
    );
  }

  /** The reader sees the latest messages: everything is read. */
  read(): void {
    const { epoch, timeline } = this.state.peek();
    if (epoch === undefined) return;
    this.unread.value = 0;
    markRead(this.room, epoch, timeline.head);
  }

  #take(state: ChatState): void {
    const before = this.state.peek();
    batch(() => {
      this.state.value = state;
      if (state.timeline === before.timeline || state.epoch === undefined) return;
      if (state.epoch !== before.epoch) this.#showUnread(state);
      const attentive = this.atEnd.peek() && document.visibilityState === "visible";
      if (attentive) this.read();
      else this.#countUnread(state);
    });
    for (const send of newlyRefused(before.outbox, state.outbox)) this.composer.takeRefused(send);
    this.#keepSoon();
  }

  #countUnread(state: ChatState): void {
    const seen = lastRead(this.room, state.epoch);
    if (seen === null) return;
    if (this.unread.peek() === 0) this.unreadAfter.value = seen;
    this.unread.value = newSince(state, seen);
  }

  /** Upon opening the room: the line goes before the first message since the last visit. */
  #showUnread(state: ChatState): void {
    const seen = lastRead(this.room, state.epoch);
    this.unreadAfter.value = seen !== null && newSince(state, seen) > 0 ? seen : null;
  }

  #items(): readonly Item[] {
    const items = this.#known.value;
    if (this.fromCache.value && items.length === 0) return this.#cached;
    return withPending(items, this.#outbox.value, this.you.value, this.hidden.value);
  }

  #rename(name: string): void {
    const { you } = this.client.state;
    if (name !== "" && you?.name !== name) this.client.rename(name).catch(() => undefined);
  }

  #timer: ReturnType<typeof setTimeout> | undefined;

  #keepSoon(): void {
    this.#timer ??= setTimeout(() => this.#keep(), 2_000);
  }

  #keep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { epoch, timeline } = this.client.state;
    if (epoch !== undefined) keepMessages(this.room, timeline.items);
  }
}

/** Listens on the window; returns what ends that. */
function listen(type: string, listener: () => void): () => void {
  addEventListener(type, listener);
  return () => removeEventListener(type, listener);
}

function textsOf(items: readonly Item[]): string[] {
  return items.flatMap((item) => (isGap(item) ? [] : [item.text]));
}

/** Messages of others after the seq `seen`. */
function newSince({ timeline, you }: ChatState, seen: number): number {
  let count = 0;
  for (let i = timeline.items.length - 1; i >= 0; i -= 1) {
    const item = timeline.items[i];
    if (item === undefined || isGap(item)) continue;
    if (item.seq <= seen) break;
    if (item.user !== you?.user && item.deleted === undefined) count += 1;
  }
  return count;
}
