/** Mirror: what a relay knows of its room's log. Its events are in the audience's memory. */

import type { FeedState, Position } from "../room/feed.ts";
import type { RoomSecrets } from "../room/identity.ts";
import { newRoomSecrets } from "../room/identity.ts";
import type { RoomLog } from "../room/log-reader.ts";

export class Mirror implements RoomLog {
  /** Returns the seq of the first event in memory. */
  readonly #first: () => number;
  #secrets: RoomSecrets | null = null;
  #state: FeedState | null = null;
  /** Seq up to which events are too old for readers. */
  #hidden = 0;

  constructor(first: () => number) {
    this.#first = first;
  }

  /** Whether the secrets of the room are known. */
  get isKnown(): boolean {
    return this.#state !== null;
  }

  /** Up to where it has the log, or `null` if the room is not known. */
  get position(): Position | null {
    return this.isKnown ? { epoch: this.epoch, seq: this.head } : null;
  }

  get epoch(): string {
    return this.#secrets?.epoch ?? "";
  }

  get head(): number {
    return this.#state?.head ?? 0;
  }

  /** Events before those in memory count as missing: a client that needs them reads them from the room. */
  get pruned(): number {
    return Math.max(this.#state?.pruned ?? 0, this.#hidden, Math.min(this.#first(), this.head + 1) - 1);
  }

  get secrets(): RoomSecrets {
    this.#secrets ??= newRoomSecrets();
    return this.#secrets;
  }

  get unsavedSecrets(): RoomSecrets | null {
    return this.#state?.isStored === false ? this.#secrets : null;
  }

  adoptSecrets(secrets: RoomSecrets): void {
    this.#secrets ??= secrets;
  }

  /** The secrets that its sockets kept, before the room was asked. */
  get adopted(): RoomSecrets | null {
    return this.#secrets;
  }

  hasMessagesBefore(seq: number): boolean {
    return Math.max(this.#state?.oldestMessage ?? seq, this.#hidden + 1) < seq;
  }

  /** Hides the events up to `seq` from readers. */
  hide(seq: number): void {
    this.#hidden = seq;
  }

  before(): null {
    return null;
  }

  after(): null {
    return null;
  }

  /** Takes over what the room says of its log. */
  update(state: FeedState, secrets = this.secrets): void {
    if (state.epoch !== this.epoch) this.#hidden = 0;
    this.#state = state;
    this.#secrets = { ...secrets, epoch: state.epoch };
  }
}
