/** ModelRules: a room's settings, roles and restrictions in plain values, written from the protocol document. */
import type { Entry, LogCommand, Retention, Role, RoomEvent, StateLine } from "../../src/protocol/index.ts";

/** Removes the id from each member of a union. */
type WithoutId<C> = C extends unknown ? Omit<C, "id"> : never;

/** ModelClaim is a `hello` with an owner secret, which becomes an event like a command. */
export interface ModelClaim {
  readonly type: "claim";
  readonly secret: string;
  /** The `claim` of the hello; absent if the hello has `owner` only. */
  readonly create?: { readonly title?: string; readonly entry?: Entry };
}

/** ModelBody is a log command without its id. */
export type ModelBody = WithoutId<LogCommand> | ModelClaim;

/** Circumstances are what the result of a command depends on, beside the room. */
export interface Circumstances {
  /** Users in the room. */
  readonly present: readonly string[];
  /** Networks that the member of the command is connected from. */
  readonly networks: readonly string[];
  /** Name of the member, if it must be in the event. */
  readonly memberName: string | undefined;
  /** Time when the author's connection opened, Unix ms. */
  readonly since: number;
}

interface Restriction {
  /** Unix ms; infinite: until it is lifted. */
  readonly until: number;
  readonly reason: string | undefined;
}

interface Ban extends Restriction {
  readonly isOfNetwork: boolean;
  readonly networks: readonly string[];
  readonly networksUntil: number;
}

interface Settings {
  readonly title?: string;
  readonly topic?: string;
  readonly entry: Entry;
  readonly slowMode: number;
  readonly readOnly: boolean;
  readonly locked: boolean;
  readonly closed: boolean;
  readonly retention: Retention;
}

/** EntryResult is `"enters"`, `"waits"`, or why the user may not enter. */
export type EntryResult = "enters" | "waits" | { readonly error: string; readonly code: number };

const DAY_MS = 24 * 3_600_000;

export class ModelRules {
  settings: Settings = {
    ...{ entry: "open", slowMode: 0, readOnly: false, locked: false, closed: false, retention: "all" },
  };
  secret: string | null = null;
  #proof: string | null = null;
  #pinned: number | undefined;
  readonly #roles = new Map<string, Exclude<Role, "member">>();
  readonly #mutes = new Map<string, Restriction>();
  readonly #bans = new Map<string, Ban>();
  readonly #inside = new Set<string>();

  /** Seq of the pinned message. */
  get pinned(): number | undefined {
    return this.#pinned;
  }

  /** The room unpinned a message by itself. */
  unpin(): void {
    this.#pinned = undefined;
  }

  get isOwned(): boolean {
    return this.secret !== null;
  }

  roleOf(user: string): Role {
    return this.#roles.get(user) ?? "member";
  }

  /** Returns the errors that the document gives for a rename. */
  renameErrors(user: string, now: number): string[] {
    return this.#muteErrors(user, now);
  }

  /** Applies the table "Who may enter" of the document. */
  entry(
    user: string,
    network: string | null,
    isPresent: boolean,
    proof: string | undefined,
    now: number,
  ): EntryResult {
    const role = this.roleOf(user);
    const { entry, locked, closed } = this.settings;
    const isInside = role !== "member" || this.#inside.has(user);
    if (role === "owner") return "enters";
    const ban = this.#banOf(user, role === "member" ? network : null, now);
    if (ban !== null) return { error: errorText("banned", ban), code: 4505 };
    if (closed) return { error: errorText("closed"), code: 4506 };
    if (isPresent || role === "moderator") return "enters";
    if (locked && !isInside) return { error: errorText("locked"), code: 4507 };
    if (entry === "password" && (proof === undefined || proof !== this.#proof))
      return { error: errorText("password"), code: 4508 };
    return entry === "knock" && !isInside ? "waits" : "enters";
  }

  /** Returns every error that the document gives for a command; none: it is allowed. */
  errors(user: string, body: ModelBody, now: number, head: number): string[] {
    const role = this.roleOf(user);
    switch (body.type) {
      case "send":
      case "edit":
        return [
          ...this.#muteErrors(user, now),
          ...(this.settings.readOnly && role === "member" ? [errorText("read_only")] : []),
        ];
      case "react":
        return this.#muteErrors(user, now);
      case "delete":
        return [];
      case "claim":
        if (body.secret === this.secret) return [];
        if (body.create === undefined) return [errorText("owner_secret")];
        return head > 0 || this.isOwned ? [errorText("claimed")] : [];
      default:
        return this.#noticeErrors(user, role, body);
    }
  }

  /** Applies an event of the log that `body` made. */
  apply(event: RoomEvent, body: ModelBody, { present, networks }: Circumstances): void {
    switch (event.type) {
      case "claim":
        if (body.type === "claim" && this.secret === null) {
          const { title, entry = "open" } = body.create ?? {};
          this.secret = body.secret;
          this.settings = { ...this.settings, ...(title && { title }), entry };
        }
        this.#roles.set(event.user, "owner");
        return;
      case "settings":
        this.#change(body, present);
        return;
      case "role":
        if (event.role === "member") this.#roles.delete(event.member);
        else if (event.role === "moderator") this.#roles.set(event.member, event.role);
        return;
      case "mute":
        this.#mutes.set(event.member, restriction(event));
        return;
      case "ban":
        this.#bans.set(event.member, {
          ...restriction(event),
          isOfNetwork: event.network === true,
          networks: event.network ? networks : [],
          networksUntil: Math.min(event.at + DAY_MS, restriction(event).until),
        });
        if (event.duration === 0) return;
        this.#roles.delete(event.member);
        this.#inside.delete(event.member);
        return;
      case "remove":
        this.#inside.delete(event.member);
        return;
      case "admit":
        if (event.on) this.#inside.add(event.member);
        return;
      case "pin":
        if (event.on) this.#pinned = event.target;
        else if (this.#pinned === event.target) this.#pinned = undefined;
        return;
      case "owner":
        if (body.type === "owner") this.secret = body.secret;
        for (const [user, role] of this.#roles)
          if (role === "owner" && user !== event.user) this.#roles.delete(user);
        return;
      case "wipe":
        this.#pinned = undefined;
        return;
      case "delete":
        if (this.#pinned === event.target) this.#pinned = undefined;
    }
  }

  /** Returns what `welcome` and `state` tell a user at this time, as `comparableState` returns it. */
  told(user: string, now: number): unknown {
    if (!this.isOwned) return {};
    const role = this.roleOf(user);
    const staff = Array.from(this.#roles, ([member, of]) => ({ user: member, name: "", role: of }));
    const mute = this.#mutes.get(user);
    const users = new Set([...this.#mutes.keys(), ...this.#bans.keys()]);
    const restricted = Array.from(users, (member) => {
      const [muted, banned] = [this.#mutes.get(member), this.#bans.get(member)];
      const network = banned?.isOfNetwork === true && banned.networksUntil > now;
      return {
        ...{ user: member, name: "" },
        ...(muted && { muted: shown(muted) }),
        ...(banned && { banned: { ...shown(banned), ...(network && { network: true as const }) } }),
      };
    });
    const state = {
      ...{ ...this.settings, owned: true, staff },
      ...(this.#pinned !== undefined && { pinned: this.#pinned }),
    };
    return comparableState(
      { state, role, ...(mute && { muted: shown(mute) }), ...(role !== "member" && { restricted }) },
      now,
    );
  }

  #muteErrors(user: string, now: number): string[] {
    const mute = this.#mutes.get(user);
    return mute !== undefined && mute.until > now ? [errorText("muted", mute)] : [];
  }

  #banOf(user: string, network: string | null, now: number): Restriction | null {
    const own = this.#bans.get(user);
    if (own !== undefined && own.until > now) return own;
    if (network === null) return null;
    for (const { networks, networksUntil: until, reason } of this.#bans.values())
      if (until > now && networks.includes(network)) return { until, reason };
    return null;
  }

  #noticeErrors(user: string, role: Role, body: Exclude<ModelBody, ModelClaim>): string[] {
    const errors: string[] = [];
    const isOwners = ["settings", "role", "owner", "wipe"].includes(body.type);
    if (!this.isOwned || role === "member" || (isOwners && role !== "owner")) errors.push(errorText("role"));
    if ("member" in body) {
      const other = this.roleOf(body.member);
      const mayAct = other === "member" || (other === "moderator" && role === "owner");
      if (!mayAct || body.member === user) errors.push(errorText("role"));
    }
    const hasProof = this.#proof !== null || (body.type === "settings" && body.newPassword !== undefined);
    if (body.type === "settings" && body.entry === "password" && !hasProof) errors.push("bad_request");
    return errors;
  }

  #change(body: ModelBody, present: readonly string[]): void {
    if (body.type !== "settings") return;
    const { type: _, newPassword, title, topic, ...changes } = body;
    const before = this.settings;
    const { title: oldTitle, topic: oldTopic, ...rest } = before;
    const texts = { title: title ?? oldTitle, topic: topic ?? oldTopic };
    this.settings = {
      ...{ ...rest, ...changes },
      ...(texts.title && { title: texts.title }),
      ...(texts.topic && { topic: texts.topic }),
    };
    if (newPassword !== undefined) this.#proof = newPassword.proof;
    const isLocked = this.settings.locked && !before.locked;
    const isKnock = this.settings.entry === "knock" && before.entry !== "knock";
    if (isLocked || isKnock) for (const user of present) this.#inside.add(user);
  }
}

/** Returns what a client knows after a `welcome` or `state`: without names, and without what has ended by `now`. */
export function comparableState(line: Omit<StateLine, "type">, now: number): unknown {
  const { state, role, muted, restricted } = line;
  if (state === undefined) return {};
  const holds = (of: { until?: number | undefined } | undefined) =>
    of !== undefined && (of.until ?? now + 1) > now;
  const people = restricted?.flatMap(({ user, muted: mute, banned: ban }) =>
    holds(mute) || holds(ban)
      ? [{ user, ...(holds(mute) && { muted: mute }), ...(holds(ban) && { banned: ban }) }]
      : [],
  );
  return {
    ...{
      state: { ...state, staff: state.staff.map((person) => `${person.user} ${person.role}`).sort() },
      role,
    },
    ...(holds(muted) && { muted }),
    ...(people && { restricted: people.toSorted((a, b) => a.user.localeCompare(b.user)) }),
  };
}

/** Returns an error as tests compare it: its code, its cause and the details of the cause. */
export function errorText(cause: string, details: Partial<Restriction> = {}, code = "forbidden"): string {
  const { until = Number.POSITIVE_INFINITY, reason = "" } = details;
  return [code, cause, Number.isFinite(until) ? until : "", reason].filter((part) => part !== "").join(" ");
}

function restriction({
  at,
  duration,
  reason,
}: {
  at: number;
  duration?: number;
  reason?: string;
}): Restriction {
  return { until: duration === undefined ? Number.POSITIVE_INFINITY : at + duration, reason };
}

function shown({ until, reason }: Restriction): { until?: number; reason?: string } {
  return { ...(Number.isFinite(until) && { until }), ...(reason !== undefined && { reason }) };
}
