/** Joining: how a connection enters the room, waits to be let in, or is rejected. */
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
  type Member,
} from "../protocol/index.ts";
import type { AudienceParts } from "./audience-parts.ts";
import type { Connection } from "./connection.ts";
import type { EntryError, EntryRequest } from "./entry-check.ts";
import { userId } from "./identity.ts";
import { sessionSecrets } from "./session.ts";

type Hello = Command<"hello">;
/** Replaces the `hello` of a connection that waited through a hibernation. */
const DEFAULT_HELLO: Pick<Hello, "history"> = { history: DEFAULT_HISTORY };

/** JoiningOptions connect joining to its audience. */
export interface JoiningOptions extends AudienceParts {
  /** Called when the `hello` of a connection that had to wait for a commit is handled. */
  readonly onHelloHandled: (connection: Connection, now: number) => void;
}

/** Arrival is a `hello` that waited for a commit or for events. */
interface Arrival {
  readonly connection: Connection;
  readonly hello: Hello | null;
  readonly member: Member;
  /** Why the user did not become an owner. */
  readonly error: CommandError | null;
}

export class Joining {
  readonly #options: JoiningOptions;
  /** The `hello` of each connection that waits to be let in. */
  readonly #hellos = new WeakMap<Connection, Hello>();
  /** They enter after the next flush, which sends the events that they waited for. */
  #arrivals: Arrival[] = [];

  constructor(options: JoiningOptions) {
    this.#options = options;
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
    this.#options.connections.greeted(connection);
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

  /** Admits a connection once this object has all events that its client may have received. */
  #enterWhenCaughtUp(connection: Connection, hello: Hello, member: Member, now: number): void {
    const { catchUp } = this.#options;
    // The epoch of the client may be newer than the one that is known here.
    if (catchUp === undefined || hello.resume === undefined) {
      this.#enter(connection, hello, member, now);
      return;
    }
    this.#options.connections.greeted(connection);
    connection.startJoining();
    catchUp(() => this.#arrivals.push({ connection, hello, member, error: null }));
  }

  /** Admits a connection in plain mode, which has no `hello`. */
  plain(connection: Connection, now: number): void {
    this.#enter(connection, null, connection, now);
  }

  /** Whether an arrival waits for a flush. */
  get isDue(): boolean {
    return this.#arrivals.length > 0;
  }

  /**
   * Admits the users who no longer have to wait, and rejects those who may not wait any more. Call it after the
   * events of a flush are sent: a `welcome` contains them.
   */
  decide(now: number): void {
    for (const { connection, hello, member, error } of this.#arrivals.splice(0)) {
      if (!connection.isOpen) continue;
      if (error !== null) this.#options.output.reject(connection, error, undefined, now);
      this.#enter(connection, hello, member, now);
      this.#options.onHelloHandled(connection, now);
    }
    for (const connection of [...this.#options.connections.waiting]) {
      if (this.#options.check.check(requestOf(connection, false), now) === "waits") continue;
      this.#enter(connection, this.#hellos.get(connection) ?? null, connection, now);
    }
  }

  #enter(connection: Connection, hello: Hello | null, { user, name }: Member, now: number): void {
    const { presence, rules } = this.#options;
    const request = { ...requestOf(connection, presence.isHere(user)), user, password: hello?.password };
    const denied = this.#options.check.check(request, now);
    if (denied === "waits") {
      this.#wait(connection, hello, { user, name }, now);
    } else if (denied !== null) {
      this.#reject(connection, { user, name }, denied, now);
    } else {
      // A muted user cannot change the name.
      const kept = rules.muteOf(user, now) === null ? undefined : rules.nameOf(user);
      this.#join(connection, hello, { user, name: kept ?? name }, now);
    }
  }

  #wait(connection: Connection, hello: Hello | null, { user, name }: Member, now: number): void {
    const { output, waitingList, log } = this.#options;
    if (connection.state.type === "waiting") return;
    if (waitingList.isFull(connection.network)) {
      const code = CloseCode.TooManyWaiting;
      const error = { code: "rate_limited", message: CLOSE_REASON[code] } as const;
      this.#reject(connection, { user, name }, { error, code }, now);
      return;
    }
    connection.wait(user, name, sessionSecrets(log.unsavedSecrets));
    waitingList.add(connection);
    if (hello !== null) this.#hellos.set(connection, hello);
    if (connection.mode === "plain") output.push(connection, "* waiting to be let in");
    else this.#pushOutside(connection, { user, name }, true);
  }

  #reject(connection: Connection, member: Member, { error, code }: EntryError, now: number): void {
    const { output, waitingList } = this.#options;
    this.#pushOutside(connection, member, false);
    output.reject(connection, error, undefined, now);
    waitingList.remove(connection);
    output.startClosing(connection, code);
  }

  #pushOutside(connection: Connection, { user, name }: Member, waits: boolean): void {
    if (connection.mode === "plain") return;
    const { room, rules, output } = this.#options;
    output.push(connection, { type: "outside", room, you: { user, name }, teaser: rules.teaser, waits });
  }

  #join(connection: Connection, hello: Hello | null, { user, name }: Member, now: number): void {
    const { connections, presence, waitingList, log } = this.#options;
    waitingList.remove(connection);
    connection.join(user, name, sessionSecrets(log.unsavedSecrets));
    connections.greeted(connection);
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
    const { log, room, recent, presence, output, files, config, stateLines, waitingList } = this.#options;
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
    const state = stateLines.welcomeFields(user, () => waitingList.all, now);
    const rest = `"members":${presence.snapshotJson()},"events":[${lines.join()}]${state}}`;
    output.push(connection, `${welcome.slice(0, -1)},${rest}`);
  }
}

function requestOf({ user, network }: Connection, isPresent: boolean): EntryRequest {
  return { user, network: network ?? null, isPresent };
}
