/** Moderation: applies committed notices to connections: disconnects them, or sends them the new state. */
import { CloseCode, isChange, type Notice, type RoomEvent } from "../protocol/index.ts";
import type { AudienceParts } from "./audience-parts.ts";
import type { Committed } from "./sequencer.ts";

/** Notices that change the state for all users, and the right to be in the room. A ban also ends a role. */
const CHANGES_ENTRY: ReadonlySet<RoomEvent["type"]> = new Set(["claim", "settings", "role", "owner", "ban"]);

export class Moderation {
  readonly #parts: AudienceParts;
  /** The pinned message that clients know of. */
  #pinned: number | undefined;

  constructor(parts: AudienceParts) {
    this.#parts = parts;
    this.#pinned = parts.rules.settings.pinned;
  }

  /** Applies the notices of a batch. The rules contain them already. */
  apply(batch: readonly Committed[], now: number): void {
    const { rules, connections, presence } = this.#parts;
    let isForAll = rules.settings.pinned !== this.#pinned;
    let changesEntry = false;
    const muted = new Set<string>();
    const banned = new Set<string>();
    this.#pinned = rules.settings.pinned;
    for (const { event } of batch) {
      if (isChange(event) || event.type === "message") continue;
      if (CHANGES_ENTRY.has(event.type)) isForAll = changesEntry = true;
      if (event.type === "import") isForAll = true;
      if (event.type === "mute") muted.add(event.member);
      if (event.type === "ban" && event.duration !== 0) banned.add(event.member);
      this.#apply(event, now);
    }
    if (changesEntry) this.#disconnectDenied(now);
    // If a ban was lifted in the same batch, the user is still connected and stays present.
    for (const user of banned) if (!connections.hasJoined(user)) presence.remove(user);
    if (isForAll) this.#sendState(() => true, now);
    else if (muted.size > 0) this.#sendState((user) => muted.has(user) || rules.isStaff(user), now);
  }

  #apply(event: Notice, now: number): void {
    switch (event.type) {
      case "wipe":
      case "import":
        this.#disconnectAll();
        return;
      case "remove":
        this.#remove(event.member, event.reason, now);
        return;
      case "admit":
        if (!event.on) this.#rejectWaiting(event.member, now);
    }
  }

  /** Disconnects all users in the room: the epoch has ended. */
  #disconnectAll(): void {
    const { connections, output } = this.#parts;
    for (const connection of connections)
      if (connection.isMember) output.startClosing(connection, CloseCode.NewEpoch);
  }

  /** Disconnects a user, who leaves at once. */
  #remove(user: string, reason: string | undefined, now: number): void {
    const { connections, output, presence, typing } = this.#parts;
    const message = "a moderator removed you from the room";
    const error = { code: "forbidden", message, cause: "removed", ...(reason && { reason }) } as const;
    for (const connection of connections) {
      if (connection.user !== user || !connection.isMember) continue;
      output.reject(connection, error, undefined, now);
      output.startClosing(connection, CloseCode.Removed);
    }
    presence.remove(user);
    typing.stop(user);
  }

  /** Disconnects a waiting user whom a moderator did not let in. */
  #rejectWaiting(user: string, now: number): void {
    const { connections, output, waitingList } = this.#parts;
    const message = "a moderator did not let you in";
    const error = { code: "forbidden", message, cause: "not_admitted" } as const;
    for (const connection of [...connections.waiting]) {
      if (connection.user !== user) continue;
      output.reject(connection, error, undefined, now);
      waitingList.remove(connection);
      output.startClosing(connection, CloseCode.NotAdmitted);
    }
  }

  /** Disconnects users whom the rules no longer allow in the room: they are banned, or the room is closed. */
  #disconnectDenied(now: number): void {
    const { connections, output, check } = this.#parts;
    for (const connection of connections) {
      if (connection.state.type !== "joined") continue;
      const { user, network = null } = connection;
      const denied = check.check({ user, network, isPresent: true }, now);
      if (denied === null || denied === "waits") continue;
      output.reject(connection, denied.error, undefined, now);
      output.startClosing(connection, denied.code);
    }
  }

  /** Sends the state of the room to the users for whom `concerns` is true. */
  #sendState(concerns: (user: string) => boolean, now: number): void {
    const { connections, output, rules, stateLines, waitingList } = this.#parts;
    stateLines.invalidate();
    for (const connection of connections) {
      const { user, mode } = connection;
      if (connection.state.type !== "joined" || mode === "plain" || !concerns(user)) continue;
      output.push(connection, stateLines.lineFor(user, now));
      // A user who has become a moderator needs the list.
      if (rules.isStaff(user)) waitingList.repeat();
    }
  }
}
