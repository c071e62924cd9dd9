/** LogMeta: what the log stores about itself: the room's secrets with the epoch, and up to where events are missing. */
import { newRoomSecrets, type RoomSecrets } from "./identity.ts";
import { integer } from "./log-table.ts";
import { migrate, type SqlValue, type Store, writeMeta } from "./store.ts";

/** MetaState is the state of a LogMeta, to be restored after a rollback. */
export interface MetaState {
  /** Whether the tables of the log exist. */
  readonly isStored: boolean;
  /** Set before they are stored if a user needs them. */
  readonly secrets: RoomSecrets | null;
  /** Seq up to which events may be missing. */
  readonly pruned: number;
}

export class LogMeta {
  readonly #store: Store;
  #state: MetaState = { isStored: false, secrets: null, pruned: 0 };

  constructor(store: Store) {
    this.#store = store;
  }

  get state(): MetaState {
    return this.#state;
  }

  /** Restores the state after a rollback. */
  restore(state: MetaState): void {
    this.#state = state;
  }

  /** Returns the secrets of the room. The first call makes them if the log has none. */
  get secrets(): RoomSecrets {
    const secrets = this.#state.secrets ?? newRoomSecrets();
    this.adopt(secrets);
    return secrets;
  }

  /** Takes over secrets, unless the log has its own. */
  adopt(secrets: RoomSecrets): void {
    if (this.#state.secrets === null) this.#state = { ...this.#state, secrets };
  }

  /** Creates the tables of the log, in a transaction of the caller. */
  create(): void {
    const { secrets } = this;
    migrate(this.#store);
    writeMeta(this.#store, "epoch", secrets.epoch);
    writeMeta(this.#store, "secret", secrets.secret);
    writeMeta(this.#store, "pruned", 0);
    this.#state = { isStored: true, secrets, pruned: 0 };
  }

  /** Migrates the tables of a stored log and reads what it stores about itself. */
  open(): void {
    this.#store.transaction(() => migrate(this.#store));
    const meta = new Map<SqlValue | undefined, SqlValue | undefined>();
    for (const { key, value } of this.#store.exec("SELECT key, value FROM meta")) meta.set(key, value);
    const epoch = meta.get("epoch");
    const secret = meta.get("secret");
    if (typeof epoch !== "string" || !(secret instanceof ArrayBuffer)) {
      throw new Error("the log has no epoch or no secret");
    }
    const secrets = { epoch, secret: new Uint8Array(secret) };
    this.#state = { isStored: true, secrets, pruned: integer(meta.get("pruned")) };
  }

  /** Begins another epoch, in a transaction of the caller. User ids stay. */
  beginEpoch(pruned: number): void {
    const { epoch } = newRoomSecrets();
    writeMeta(this.#store, "epoch", epoch);
    writeMeta(this.#store, "pruned", pruned);
    this.#state = { ...this.#state, secrets: { ...this.secrets, epoch }, pruned };
  }

  /** Records that events up to the seq `last` were deleted, in a transaction of the caller. */
  prunedTo(last: number): void {
    if (last <= this.#state.pruned) return;
    writeMeta(this.#store, "pruned", last);
    this.#state = { ...this.#state, pruned: last };
  }
}
