/** Joining: how a connection enters the room, waits to be let in, or is refused. */
import {
  CLOSE_REASON,
  CloseCode,
  type Command,
  type CommandError,
  cleanName,
  DEFAULT_HISTORY,
  FILE_LIMITS,
  guestName,
  LIMITS,
  MAX_WAITING,
  MAX_WAITING_PER_NETWORK,
  type Member,
} from "../protocol/index.ts";
import type { AudienceOptions } from "./audience.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { EntryCheck, EntryRequest } from "./entry-check.ts";
import { userId } from "./identity.ts";
import type { PendingOutput } from "./pending-output.ts";
import type { Presence } from "./presence.ts";
import type { RecentEvents } from "./recent-events.ts";
import { membersOf, StateLines } from "./state-lines.ts";

type Hello = Command<"hello">;
/** What a connection gets whose own `hello` was forgotten in a hibernation. */
const DEFAULT_HELLO: Pick<Hello, "history"> = { history: DEFAULT_HISTORY };

/** Shortest time between two lists of the people who wait. */
const KNOCKS_INTERVAL_MS = 500;

/** JoiningOptions are the parts of an audience that joining uses. */
export interface JoiningOptions extends AudienceOptions {
  readonly connections: Connections;
  readonly presence: Presence;
  readonly recent: RecentEvents;
  readonly output: PendingOutput;
  readonly check: EntryCheck;
  /** Called when the `hello` of a connection that had to wait for a commit is handled. */
  readonly greeted: (connection: Connection, now: number) => void;
}

/** Arrival is a `hello` whose user is known. */
interface Arrival {
  readonly connection: Connection;
  readonly hello: Hello | null;
  readonly member: Member;
  /** Why the user did not become an owner. */
  readonly error: CommandError | null;
}

export class Joining {
  readonly #options: JoiningOptions;
  readonly #stateLines: StateLines;
  /** What those who wait asked for. */
  readonly #hellos = new WeakMap<Connection, Hello>();
  /** Those whose request to become an owner is answered. They enter after the flush with its event. */
  #arrivals: Arrival[] = [];
  #waitingElsewhere: readonly Member[] = [];
  #hasKnocksToTell = false;
  #knocksToldAt = Number.NEGATIVE_INFINITY;

  constructor(options: JoiningOptions) {
    this.#options = options;
    this.#stateLines = new StateLines(options.rules);
  }

  /** Handles the first command of a connection. */
  hello(connection: Connection, hello: Hello, now: number): void {
    const { log, rules, submit, presence } = this.#options;
    const user = hello.key === undefined ? connection.user : userId(log.secrets.secret, hello.key);
    const name = cleanName(hello.name ?? "") || presence.nameOf(user) || guestName(user);
    const { owner: secret, claim } = hello;
    if (secret === undefined || rules.roleOf(user) === "owner") {
      this.#enterWhenCaughtUp(connection, hello, { user, name }, now);
      return;
    }
    this.#options.connections.joined(connection);
    connection.startJoining();
    const { newPassword, ...setup } = claim ?? {};
    submit({
      author: () => ({ user, name }),
      body: { type: "claim", ...setup },
      id: undefined,
      isPlain: false,
      since: connection.since,
      details: { secret, create: claim !== undefined, newPassword },
      onResult: (result) => {
        const error = result.ok ? null : result.error;
        this.#arrivals.push({ connection, hello, member: { user, name }, error });
      },
      onLost: () => this.#options.output.startClosing(connection, CloseCode.Moved),
    });
  }

  /** Admits a connection once everything is here that its client may have seen. */
  #enterWhenCaughtUp(connection: Connection, hello: Hello, member: Member, now: number): void {
    const { log, catchUp } = this.#options;
    const { resume } = hello;
    if (catchUp === undefined || resume?.epoch !== log.secrets.epoch) {
      this.#enter(connection, hello, member, now);
      return;
    }
    this.#options.connections.joined(connection);
    connection.startJoining();
    catchUp(() => this.#arrivals.push({ connection, hello, member, error: null }));
  }

  /** Admits a connection in plain mode, which has no `hello`. */
  plain(connection: Connection, now: number): void {
    this.#enter(connection, null, connection, now);
  }

  /** People who wait to be let in. */
  get waiting(): Member[] {
    return membersOf([...this.#options.connections.knocking, ...this.#waitingElsewhere]);
  }

  /** Those of them whose connections are here. */
  get waitingHere(): Member[] {
    return membersOf(this.#options.connections.knocking);
  }

  /** Sets who waits in other objects. */
  set waitingElsewhere(waiting: readonly Member[]) {
    if (waiting.length === 0 && this.#waitingElsewhere.length === 0) return;
    this.#waitingElsewhere = waiting;
    this.#hasKnocksToTell = true;
  }

  /** Disconnects those inside whom the rules do not allow any more: they are banned, or the room is closed. */
  eject(now: number): void {
    const { connections, output, check } = this.#options;
    for (const connection of connections) {
      if (connection.state.type !== "joined") continue;
      const refused = check.check(requestOf(connection, true), now);
      if (refused === null || refused === "waits") continue;
      output.reject(connection, refused.error, undefined, now);
      output.startClosing(connection, refused.code);
    }
  }

  /** Tells those for whom `concerns` is true how the rules are now. */
  tellState(concerns: (user: string) => boolean, now: number): void {
    this.#stateLines.changed();
    const { connections, output, rules } = this.#options;
    for (const connection of connections) {
      const { user, mode } = connection;
      if (connection.state.type !== "joined" || mode === "plain" || !concerns(user)) continue;
      output.push(connection, this.#stateLines.lineFor(user, now));
      // A new moderator learns who waits.
      if (rules.isStaff(user) && this.waiting.length > 0) this.#hasKnocksToTell = true;
    }
  }

  /**
   * Lets the people in who no longer have to wait, and refuses those who may not wait any more. Call it after the
   * events of a flush are sent: a `welcome` contains them.
   */
  decide(now: number): void {
    for (const { connection, hello, member, error } of this.#arrivals.splice(0)) {
      if (!connection.isOpen) continue;
      if (error !== null) this.#options.output.reject(connection, error, undefined, now);
      this.#enter(connection, hello, member, now);
      this.#options.greeted(connection, now);
    }
    for (const connection of [...this.#options.connections.knocking]) {
      if (this.#options.check.check(requestOf(connection, false), now) === "waits") continue;
      this.#enter(connection, this.#hellos.get(connection) ?? null, connection, now);
    }
  }

  /** A moderator did not let the user in. */
  notAdmitted(user: string, now: number): void {
    const { connections, output } = this.#options;
    for (const connection of [...connections.knocking]) {
      if (connection.user !== user) continue;
      const error = {
        code: "forbidden",
        message: "a moderator did not let you in",
        cause: "not_admitted",
      } as const;
      output.reject(connection, error, undefined, now);
      this.#refuse(connection, CloseCode.NotAdmitted);
    }
  }

  /** A connection that waited is gone. */
  left(connection: Connection): void {
    if (this.#options.connections.stopKnocking(connection)) this.#hasKnocksToTell = true;
  }

  /** Time when something is due, Unix ms, or `null`: moderators must be told who waits, or somebody may enter. */
  get dueAt(): number | null {
    if (this.#arrivals.length > 0) return 0;
    return this.#hasKnocksToTell ? this.#knocksToldAt + KNOCKS_INTERVAL_MS : null;
  }

  /** Tells moderators who waits, if that is due. */
  tellKnocks(now: number): void {
    if (!this.#hasKnocksToTell || this.#knocksToldAt + KNOCKS_INTERVAL_MS > now) return;
    this.#hasKnocksToTell = false;
    this.#knocksToldAt = now;
    const { connections, rules, output } = this.#options;
    const line = JSON.stringify({ type: "knocks", waiting: this.waiting });
    for (const connection of connections)
      if (connection.state.type === "joined" && rules.isStaff(connection.user)) output.push(connection, line);
  }

  #enter(connection: Connection, hello: Hello | null, { user, name }: Member, now: number): void {
    const { presence, output, rules } = this.#options;
    const isPresent = presence.nameOf(user) !== undefined;
    const request = { ...requestOf(connection, isPresent), user, password: hello?.password };
    const refused = this.#options.check.check(request, now);
    if (refused === "waits") {
      this.#wait(connection, hello, { user, name }, now);
    } else if (refused !== null) {
      this.#pushOutside(connection, { user, name }, false);
      output.reject(connection, refused.error, undefined, now);
      this.#refuse(connection, refused.code);
    } else {
      // The name of a muted user stays what it was.
      const kept = rules.muteOf(user, now) === null ? undefined : rules.nameOf(user);
      this.#join(connection, hello, { user, name: kept ?? name }, now);
    }
  }

  #wait(connection: Connection, hello: Hello | null, { user, name }: Member, now: number): void {
    const { connections, output } = this.#options;
    if (connection.state.type === "waiting") return;
    const { network } = connection;
    if (
      connections.knocking.size >= MAX_WAITING ||
      (network !== undefined && connections.countKnocking(network) >= MAX_WAITING_PER_NETWORK)
    ) {
      const code = CloseCode.TooManyWaiting;
      this.#pushOutside(connection, { user, name }, false);
      output.reject(connection, { code: "rate_limited", message: CLOSE_REASON[code] }, undefined, now);
      this.#refuse(connection, code);
      return;
    }
    connection.wait(user, name, this.#unsavedSecrets());
    connections.startKnocking(connection);
    if (hello !== null) this.#hellos.set(connection, hello);
    this.#hasKnocksToTell = true;
    if (connection.mode === "plain") output.push(connection, "* waiting to be let in");
    else this.#pushOutside(connection, { user, name }, true);
  }

  #refuse(connection: Connection, code: CloseCode): void {
    this.left(connection);
    this.#options.output.startClosing(connection, code);
  }

  #pushOutside(connection: Connection, { user, name }: Member, waits: boolean): void {
    if (connection.mode === "plain") return;
    const { room, rules, output } = this.#options;
    output.push(connection, { type: "outside", room, you: { user, name }, teaser: rules.teaser, waits });
  }

  #join(connection: Connection, hello: Hello | null, { user, name }: Member, now: number): void {
    const { connections, presence } = this.#options;
    this.left(connection);
    connection.join(user, name, this.#unsavedSecrets());
    connections.joined(connection);
    const before = presence.nameOf(user);
    presence.enter(user, name);
    if (before !== undefined && before !== name) {
      connections.rename(user, name);
      presence.rename(user, name);
    }
    if (connection.mode !== "plain") this.#welcome(connection, hello ?? DEFAULT_HELLO, now);
  }

  #welcome(
    connection: Connection,
    { resume, history }: Pick<Hello, "resume" | "history">,
    now: number,
  ): void {
    const { log, room, recent, presence, output, files, config } = this.#options;
    const { user, name } = connection;
    const { epoch } = log.secrets;
    const missed = resume?.epoch === epoch ? recent.since(resume.seq, user) : null;
    const { lines, more } = missed ?? recent.newest(history, user);
    const welcome = JSON.stringify({
      type: "welcome",
      room,
      you: { user, name },
      epoch,
      seq: log.head,
      resumed: missed !== null,
      more,
      online: presence.online,
      limits: {
        ...LIMITS,
        ...(files !== null && { files: FILE_LIMITS }),
        ...(config.historyDays > 0 && { days: config.historyDays }),
      },
      now,
    });
    // The rest is serialised already.
    const state = this.#stateLines.welcomeFields(user, () => this.waiting, now);
    const rest = `"members":${presence.snapshotJson()},"events":[${lines.join()}]${state}}`;
    output.push(connection, `${welcome.slice(0, -1)},${rest}`);
  }

  /** Returns the part of a session that keeps the room's secrets while the log does not. */
  #unsavedSecrets(): Parameters<Connection["join"]>[2] {
    const { unsavedSecrets } = this.#options.log;
    return unsavedSecrets === null ? {} : { secrets: unsavedSecrets };
  }
}

function requestOf({ user, network }: Connection, isPresent: boolean): EntryRequest {
  return { user, network: network ?? null, isPresent };
}
