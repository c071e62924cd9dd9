/** A room that is open in this page: its client, and the state that the components show. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
// From its own file: the package also has what is loaded on demand.
import { ChatClient } from "../../client/chat-client.ts";
import type { ChatClientOptions, ChatState, ErrorLine, Gap, TimelineMessage } from "../../client/index.ts";
import { CloseCode } from "../../protocol/close-code.ts";
import { guestName } from "../../protocol/display-name.ts";
import type { RoomEvent } from "../../protocol/events.ts";
import { ownText } from "../../protocol/files.ts";
import { keptDays } from "../../protocol/retention.ts";
import { socketPath } from "../../protocol/room-name.ts";
import { countReaction } from "../emoji/frequent.ts";
import { byName } from "../i18n/by-name.ts";
import { locale } from "../i18n/index.ts";
import { dayOf } from "../i18n/time.ts";
import { cachedMessages, cacheMessages, forgetMessages } from "../storage/message-cache.ts";
import { entryOptions } from "../storage/room-secrets.ts";
import { identityKey, ownName, settings } from "../storage/settings.ts";
import type { TabSlot } from "../storage/tab-slot.ts";
import { ownUser, setLastMessage, setOwnUser, setTitle } from "../storage/visits.ts";
import { canRead } from "../text/markdown.ts";
import { Busy } from "./busy.ts";
import { Composer } from "./composer.ts";
import { Deletions } from "./deletions.ts";
import { LookAlikes } from "./look-alikes.ts";
import { Membership } from "./membership.ts";
import { allPending, newlyRejected, withPending } from "./pending.ts";
import { fileRows, noticeRows } from "./rare-rows.ts";
import { ReadTracker } from "./read-tracker.ts";
import { blocksOf, findMessage, firstFrom, type Item, isMessage, type RowBlock } from "./rows.ts";

/** Messages requested at first; scrolling up loads older ones. */
const FIRST_MESSAGES = 50;
/** Messages of a gap requested at a time. */
const GAP_MESSAGES = 100;
/** Window height for each of the messages that are drawn first, px. They fill the window unless most are short. */
const PIXELS_PER_MESSAGE = 64;
/** Delay until new messages are stored in the cache, ms. */
const CACHE_DELAY_MS = 2_000;

/** Claim is what a new room is created with. */
export type Claim = NonNullable<ChatClientOptions["claim"]>;

/** Number of rooms opened so far. */
let opened = 0;

/** OpenRoom is one room that is open in this page. */
export class OpenRoom {
  /** Differs from that of every other room, also of the same room opened before. */
  readonly id = ++opened;
  readonly name: string;
  /** Unix ms. */
  readonly openedAt = Date.now();
  readonly client: ChatClient;
  readonly composer: Composer;
  readonly deletions: Deletions;
  readonly membership: Membership;
  readonly state: Signal<ChatState>;
  readonly reading: ReadTracker;
  /** Number of messages that the user has not seen. */
  readonly unread = computed(() => this.reading.unread.value.total);
  /** The blocks hold all messages, not only the latest ones that fill the window and can be drawn soonest. */
  readonly isWhole = signal(false);
  /** The rows of the timeline, with pending changes applied. */
  readonly blocks = computed(() => this.#rows.value.blocks);
  /** The blocks show the current messages: the Markdown parser that they need is loaded. */
  readonly isCurrent = computed(() => this.#rows.value.isCurrent);
  /** The user is not in the room: the room refuses to let the user in, or the user waits. */
  readonly isOutside = computed(() => {
    const { outside, connection, closeCode } = this.state.value;
    return outside !== null || (connection === "closed" && closeCode === CloseCode.TooManyWaiting);
  });
  /** The last error of the room that belongs to no command. */
  readonly error = signal<ErrorLine | null>(null);
  /** The room has no messages: it can be empty, or have notices only. */
  readonly isEmpty = computed(() => this.#items().every(({ type }) => type !== "message" && type !== "gap"));
  /** There are messages, but the Markdown parser for them is not loaded yet. */
  readonly isReading = computed(() => this.blocks.value.length === 0 && this.#items().length > 0);
  readonly pending = computed(() => allPending(this.#outbox.value, this.composer.files.value?.pending.value));
  /** User id of this browser; empty before the first welcome in this room. */
  readonly you = computed(() => this.state.value.you?.user ?? this.#lastUser);
  /** The name in which this user can be mentioned; the guest name until one is chosen. */
  readonly ownName = computed(() => ownName.value || (this.state.value.you?.name ?? ""));
  /** The latest message that is not deleted, if it is loaded. */
  readonly lastMessage = computed(() => lastOf(this.#loaded.value));
  /** Older messages can be loaded. */
  readonly more = computed(() => this.state.value.timeline.more);
  /** The messages come from the cache: the server has not answered yet. */
  readonly fromCache = computed(() => this.state.value.epoch === undefined);
  /** The view shows the latest messages. */
  readonly atEnd = signal(true);
  /** Counts the requests to scroll to the latest message. */
  readonly endRequests = signal(0);
  /** Seq of a message that the view should scroll to, or `unread` for the first unread message. */
  readonly jumpTo = signal<number | "unread" | null>(null);
  /** The panel that searches the messages is open. */
  readonly isSearching = signal(false);
  /** The user is asked for a name: a message was sent without one. */
  readonly asksName = signal(false);
  /** Older messages are being loaded. */
  readonly loading = new Busy();
  /** Gaps that are being loaded, by the seq after which they begin. */
  readonly loadingGaps = signal<ReadonlySet<number>>(new Set());
  /** People present, by name; `null` if there are too many to list. */
  readonly people = computed(() => {
    const members = this.#members.value;
    return members && byName(members, locale.value);
  });
  /** Users whose names look alike. */
  readonly lookAlikes = new LookAlikes();

  // Parts of the state as separate signals, so that values computed from a part change only with that part.
  readonly #loaded = computed(() => this.state.value.timeline.items);
  readonly #members = computed(() => this.state.value.members);
  readonly #outbox = computed(() => this.state.value.outbox);
  readonly #rows: ReadonlySignal<{ readonly blocks: readonly RowBlock[]; readonly isCurrent: boolean }>;
  readonly #cached: readonly TimelineMessage[];
  /** User id at the last visit. */
  readonly #lastUser: string;
  readonly #stops: (() => void)[] = [];
  #cacheTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, slot: TabSlot, claim?: Claim) {
    this.name = name;
    this.#cached = cachedMessages(name);
    this.#lastUser = ownUser(name);
    const displayName = ownName.peek();
    this.client = new ChatClient({
      url: new URL(socketPath(name), location.href).href,
      key: identityKey(),
      history: FIRST_MESSAGES,
      storage: slot.outbox,
      // The page does not show why a handshake fails, so the client need not ask.
      fetch: null,
      ...entryOptions(name),
      ...(claim !== undefined && { claim }),
      ...(displayName === "" ? {} : { name: displayName }),
    });
    this.state = signal(this.client.state);
    this.reading = new ReadTracker(name, this.state);
    this.membership = new Membership(this.state);
    this.composer = new Composer({
      client: this.client,
      state: this.state,
      membership: this.membership,
      slot,
      onSend: () => {
        this.reading.lineAfter.value = null;
        this.endRequests.value += 1;
        this.asksName.value = ownName.peek() === "" && !settings.peek().askedName;
      },
      onDelete: (seq) => this.deletions.add(seq),
    });
    this.deletions = new Deletions((seq) => void this.client.delete(seq).catch(this.#tellError));
    this.lookAlikes.addAuthors(this.#cached);
    let blocks: readonly RowBlock[] = [];
    this.#rows = computed(() => {
      const unreadAfter = this.reading.lineAfter.value;
      // The line "New messages" can be above the latest messages.
      const isWhole = this.isWhole.value || unreadAfter !== null;
      const first = Math.ceil(innerHeight / PIXELS_PER_MESSAGE);
      const items = this.#items();
      const latest = items.slice(-first);
      if (
        !this.isWhole.value &&
        !(canRead(textsOf(latest)) && noticeRows.canShow(latest) && fileRows.canShow(latest))
      )
        return { blocks, isCurrent: false };
      blocks = blocksOf(items, { unreadAfter, dayOf, ...(isWhole ? {} : { last: first }) }, blocks);
      return { blocks, isCurrent: true };
    });
    this.#stops.push(
      this.client.on("state", (state) => this.#update(state)),
      this.client.on("error", (error) => {
        this.error.value = error;
      }),
      ownName.subscribe((chosen) => this.#rename(chosen)),
      onPageHide(() => {
        this.deletions.finish();
        this.composer.held.finish();
        this.reading.store();
        this.#cache();
      }),
    );
  }

  /** Calls `listener` with each event of the room from now on. Returns a function that ends this. */
  onEvent(listener: (event: RoomEvent) => void): () => void {
    return this.client.on("event", listener);
  }

  /** Leaves the room. Unsent commands stay in the outbox. */
  close(): void {
    this.deletions.finish();
    for (const stop of this.#stops) stop();
    this.composer.close();
    this.reading.close();
    this.#cache();
    this.client.close();
  }

  /** Adds or removes a reaction. */
  react(seq: number, emoji: string, on: boolean): void {
    if (on) countReaction(emoji);
    this.client.react(seq, emoji, on).catch(this.#tellError);
  }

  /** Pins a message to the top of the room, or unpins it. */
  pin(seq: number, on: boolean): void {
    this.client.pin(seq, on).catch(this.#tellError);
  }

  /** Loads messages of a gap. */
  async fillGap(gap: Gap): Promise<void> {
    const set = (isLoading: boolean): void => {
      const others = [...this.loadingGaps.peek()].filter((after) => after !== gap.after);
      this.loadingGaps.value = new Set(isLoading ? [...others, gap.after] : others);
    };
    set(true);
    await this.loading.while(this.client.fillGap(gap, { limit: GAP_MESSAGES }));
    set(false);
  }

  /** Returns the message with `seq` if it is loaded. */
  message(seq: number): TimelineMessage | undefined {
    return findMessage(this.state.peek().timeline.items, seq);
  }

  /** Returns the time of the message or notice with `seq`, or `null` if it is not loaded. */
  timeOf(seq: number): number | null {
    const { items } = this.state.peek().timeline;
    const item = items[firstFrom(items, seq)];
    return item === undefined || item.type === "gap" || item.seq !== seq ? null : item.at;
  }

  /** Returns the name of `user`: the current one, else that of the latest loaded message, else a guest name. */
  nameOf(user: string): string {
    const { members, timeline } = this.state.peek();
    const present = members?.find((member) => member.user === user);
    if (present !== undefined) return present.name;
    const latest = timeline.items.findLast(
      (item): item is TimelineMessage => isMessage(item) && item.user === user,
    );
    return latest?.name ?? guestName(user);
  }

  /** Returns the latest own message that can be edited. */
  lastOwn(): TimelineMessage | undefined {
    const { timeline, you } = this.state.peek();
    return timeline.items.findLast(
      (item): item is TimelineMessage =>
        isMessage(item) && item.user === you?.user && item.deleted === undefined,
    );
  }

  #update(state: ChatState): void {
    const before = this.state.peek();
    batch(() => {
      this.state.value = state;
      if (state.you !== undefined) setOwnUser(this.name, state.you.user);
      if (state.outside !== null) {
        setTitle(this.name, state.outside.teaser.title);
        if (state.outside !== before.outside) forgetMessages(this.name);
      } else if (state.epoch !== undefined) setTitle(this.name, state.roomState.title);
      if (state.members !== before.members) this.lookAlikes.addPeople(state.members ?? []);
      if (state.timeline.items !== before.timeline.items) this.lookAlikes.addAuthors(state.timeline.items);
      if (state.timeline === before.timeline && state.epoch === before.epoch) return;
      this.reading.update(this.atEnd.peek() && document.visibilityState === "visible");
    });
    for (const send of newlyRejected(before.outbox, state.outbox)) this.composer.takeBackIfFree(send);
    this.#cacheTimer ??= setTimeout(() => this.#cache(), CACHE_DELAY_MS);
  }

  #items(): readonly Item[] {
    const items = this.#loaded.value;
    if (this.fromCache.value && items.length === 0) return this.#cached;
    return withPending(items, this.#outbox.value, this.you.value, this.deletions.hidden.value);
  }

  readonly #tellError = async (error: unknown): Promise<void> => {
    const { tellError } = await import("./attempt.ts");
    tellError(this.client, error);
  };

  #rename(name: string): void {
    const { you } = this.client.state;
    if (name !== "" && you?.name !== name) this.client.rename(name).catch(this.#tellError);
  }

  #cache(): void {
    clearTimeout(this.#cacheTimer);
    this.#cacheTimer = undefined;
    const { epoch, timeline, outside, roomState, limits } = this.client.state;
    if (epoch === undefined || outside !== null) return;
    const { retention } = roomState;
    if (retention === "presence") {
      // Nothing tells this browser when everyone has left.
      forgetMessages(this.name);
      return;
    }
    const days = keptDays(retention, limits.days);
    cacheMessages(this.name, timeline.items, days);
    setLastMessage(this.name, lastOf(timeline.items), days);
  }
}

function onPageHide(listener: () => void): () => void {
  addEventListener("pagehide", listener);
  return () => removeEventListener("pagehide", listener);
}

function lastOf(items: readonly Item[]): TimelineMessage | undefined {
  return items.findLast((item): item is TimelineMessage => isMessage(item) && item.deleted !== true);
}

function textsOf(items: readonly Item[]): string[] {
  return items.flatMap((item) => (isMessage(item) ? [ownText(item)] : []));
}
