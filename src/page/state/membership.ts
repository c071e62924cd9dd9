/** What the user is and may do in a room, and who its owners and moderators are. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { ChatState, Role } from "../../client/index.ts";
import { FILE_LIMITS } from "../../protocol/limits.ts";
import { now } from "../i18n/now.ts";
import { writeBlock } from "./write-block.ts";

export class Membership {
  readonly #state: ReadonlySignal<ChatState>;
  readonly settings = computed(() => this.#state.value.roomState);
  readonly role = computed(() => this.#state.value.role);
  /** The user moderates the room. */
  readonly isStaff = computed(() => this.role.value !== "member");
  readonly isOwner = computed(() => this.role.value === "owner");
  /** Roles of owners and moderators by user id. */
  readonly roles = computed(
    () => new Map(this.settings.value.staff.map(({ user, role }) => [user, role] as const)),
  );
  /** There are bars to show above the messages. */
  readonly hasBars = computed(() => {
    const { closed, pinned } = this.settings.value;
    return closed || pinned !== undefined || this.#state.value.waiting.length > 0;
  });
  /** Limits of files; `undefined` if the service takes none. Before the first welcome, those that most services have. */
  readonly fileLimits = computed(() => {
    const { epoch, limits } = this.#state.value;
    return epoch === undefined ? FILE_LIMITS : limits.files;
  });
  /** The service and the room take files. */
  readonly takesFiles = computed(
    () => this.fileLimits.value !== undefined && this.settings.value.files !== false,
  );
  /** Slow mode holds for the user. */
  readonly slowMode = computed(() => this.settings.value.slowMode > 0 && !this.isStaff.value);
  readonly isMuted = computed(() => this.block.value?.type === "muted");
  /** Why the user may not write now, or `null`. */
  readonly block = computed(() => writeBlock(this.#state.value, () => now.value, this.#refusedUntil.value));
  readonly #refusedUntil = signal(0);

  constructor(state: ReadonlySignal<ChatState>) {
    this.#state = state;
  }

  roleOf(user: string): Role {
    return this.roles.value.get(user) ?? "member";
  }

  /** Returns whether the user may mute, remove or ban `user`. */
  canActOn(user: string): boolean {
    const other = this.roleOf(user);
    if (!this.isStaff.value || user === this.#state.value.you?.user || other === "owner") return false;
    return other === "member" || this.isOwner.value;
  }

  /** In slow mode, the room rejected a message and named the time to wait, ms. */
  mustWait(ms: number): void {
    this.#refusedUntil.value = Date.now() + ms;
  }
}
