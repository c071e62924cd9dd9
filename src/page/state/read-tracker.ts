/** ReadTracker follows what the user sees of the open room, and stores up to where the room is read. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { ChatState } from "../../client/index.ts";
import { settings } from "../storage/settings.ts";
import { lastRead, markRead, visits } from "../storage/visits.ts";
import {
  countUnread,
  NOTHING_UNREAD,
  type ReadPosition,
  shownRange,
  type Unread,
  withShown,
} from "./read-position.ts";

/** Delay until a position that still changes is stored, ms. */
const STORE_DELAY_MS = 500;
/** Unread messages are loaded in the background until this number of messages is loaded. */
const MAX_LOADED = 2_000;

export class ReadTracker {
  /** Seq after which the line "New messages" is drawn; `null` for no line. */
  readonly lineAfter = signal<number | null>(null);
  readonly unread = signal<Unread>(NOTHING_UNREAD);
  readonly #room: string;
  readonly #state: ReadonlySignal<ChatState>;
  /** `null` before the first welcome. */
  #position: ReadPosition | null = null;
  #epoch: string | undefined;
  /** Seq of the first message in the view. */
  #firstVisible = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stops: readonly (() => void)[];

  constructor(room: string, state: ReadonlySignal<ChatState>) {
    this.#room = room;
    this.#state = state;
    // Another tab can read the room, and people can be hidden.
    this.#stops = [visits, settings].map((changes) => changes.subscribe(() => this.#count()));
  }

  /** Stores the position and ends. */
  close(): void {
    this.store();
    for (const stop of this.#stops) stop();
  }

  /**
   * Takes in new messages.
   *
   * @param isFollowing - the view shows the new messages, and `show` is called when it has drawn them
   */
  update(isFollowing: boolean): void {
    const { epoch, timeline } = this.#state.peek();
    if (epoch === undefined) return;
    if (epoch !== this.#epoch) {
      this.store();
      const seq = lastRead(this.#room, epoch);
      this.#epoch = epoch;
      this.#position = { seq: seq ?? timeline.head, later: [] };
      this.#firstVisible = Number.POSITIVE_INFINITY;
      this.lineAfter.value = null;
      this.unread.value = NOTHING_UNREAD;
      // On the first visit no message counts as new.
      if (seq === null) this.store();
      this.#count();
    } else if (!isFollowing || this.unread.peek().total > 0) this.#count();
  }

  /** Takes in that the view shows the messages from seq `first` to `last`. Only a visible window marks them as read. */
  show(first: number, last: number, isVisible: boolean): void {
    if (this.#position === null) return;
    this.#firstVisible = first;
    const { timeline } = this.#state.peek();
    if (isVisible) this.#move(withShown(this.#position, shownRange(timeline, first, last)));
    this.#count();
  }

  /** Returns whether no message is unread, so that `show` need not be called. */
  isAllRead(): boolean {
    return this.#position === null || this.#position.seq >= this.#state.peek().timeline.head;
  }

  /** Marks all messages as read. */
  markAllRead(): void {
    if (this.#position === null) return;
    this.#move({ seq: Math.max(this.#position.seq, this.#state.peek().timeline.head), later: [] });
    this.lineAfter.value = null;
    this.#count();
  }

  /** Draws the line "New messages" before the first unread message. */
  drawLine(): void {
    this.lineAfter.value = this.#position?.seq ?? null;
  }

  /** Returns whether older messages must be loaded to count the unread ones. */
  needsEarlier(): boolean {
    const { total, isComplete } = this.unread.peek();
    const { items, more } = this.#state.peek().timeline;
    return total > 0 && !isComplete && more && items.length < MAX_LOADED;
  }

  /** Stores the position. */
  store(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#position !== null && this.#epoch !== undefined)
      markRead(this.#room, this.#epoch, this.#position.seq);
  }

  #move(position: ReadPosition): void {
    if (position === this.#position) return;
    this.#position = position;
    if (this.isAllRead()) this.store();
    // The list of rooms is rendered after each write.
    else this.#timer ??= setTimeout(() => this.store(), STORE_DELAY_MS);
  }

  #count(): void {
    if (this.#position === null) return;
    const { timeline, you, epoch } = this.#state.peek();
    const stored = lastRead(this.#room, epoch) ?? 0;
    const position = withShown(this.#position, { after: 0, to: stored });
    this.#position = position;
    const before = this.unread.peek();
    const { hidden } = settings.peek();
    const unread = countUnread(timeline, you?.user ?? "", position, this.#firstVisible, hidden);
    batch(() => {
      if (before.total === 0 && unread.total > 0) this.lineAfter.value = position.seq;
      if (!isSame(before, unread)) this.unread.value = unread;
    });
  }
}

function isSame(a: Unread, b: Unread): boolean {
  return a.total === b.total && a.above === b.above && a.first === b.first && a.isComplete === b.isComplete;
}
