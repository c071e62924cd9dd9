/** CommandHandler: answers the decoded commands of connections, or submits them to the sequencer. */
import {
  type ClientCommand,
  CloseCode,
  type Command,
  cleanName,
  eventBody,
  guestName,
  type LogCommand,
  MAX_ONLINE_FOR_TYPING,
  PONG,
  parseQuery,
} from "../protocol/index.ts";
import type { AudienceParts } from "./audience-parts.ts";
import type { Connection } from "./connection.ts";
import type { Decoded } from "./decode-frame.ts";
import type { Joining } from "./joining.ts";
import { renameDenied } from "./permissions.ts";
import type { Details } from "./rules.ts";
import { withoutIds } from "./searches.ts";
import type { Submission } from "./sequencer.ts";

/** Unread output above which a client gets no more answers to reads: bytes and UTF-16 units together. */
const MAX_UNREAD_FOR_READS = 64 * 1024;
const UNREAD_RETRY_MS = 1_000;
/** Length of an answer that one read covers, in UTF-16 units. A longer answer counts as several reads. */
const LENGTH_PER_READ = 8 * 1024;
/** Messages of a search that one read covers. */
const MESSAGES_PER_READ = 2_000;
/** Errors that one command of a waiting user counts as. */
const ERRORS_PER_COMMAND_OUTSIDE = 20;
/** Commands that a connection may send while it waits for a commit, or for files. */
const MAX_HELD = 100;

export interface CommandHandlerOptions extends AudienceParts {
  readonly joining: Joining;
}

export class CommandHandler {
  readonly #options: CommandHandlerOptions;
  /** Parts that arrived while a `hello` waits for a commit, or a message waits for its files. */
  readonly #held = new WeakMap<Connection, Decoded[]>();
  /** Time of the last call, Unix ms: results of commands arrive later than the commands. */
  #now = 0;

  constructor(options: CommandHandlerOptions) {
    this.#options = options;
  }

  /** Handles one part of a frame. */
  handle(connection: Connection, part: Decoded, now: number): void {
    this.#now = now;
    const { output } = this.#options;
    if (connection.state.type === "joining" || this.#held.has(connection)) {
      this.#hold(connection, part);
      return;
    }
    switch (part.type) {
      case "close":
        output.startClosing(connection, part.code);
        return;
      case "invalid":
        output.reject(connection, part.error, part.error.id, now);
        if (connection.countNotJson(part.error.notJson !== true))
          output.startClosing(connection, CloseCode.InvalidPayload);
        return;
      case "text":
        if (this.#isInside(connection, undefined, now) && this.#allow(connection, "commands", undefined, now))
          this.#submit(connection, { type: "message", text: part.text }, undefined);
        return;
      case "command":
        connection.countNotJson(true);
        this.#command(connection, part.command, now);
    }
  }

  /** Handles the parts that arrived while the connection waited. */
  handleHeld(connection: Connection, now: number): void {
    const held = this.#held.get(connection) ?? [];
    this.#held.delete(connection);
    for (const part of held) if (connection.isOpen) this.handle(connection, part, now);
  }

  #hold(connection: Connection, part: Decoded): void {
    const held = this.#held.get(connection) ?? [];
    this.#held.set(connection, held);
    held.push(part);
    if (held.length > MAX_HELD) this.#options.output.startClosing(connection, CloseCode.RateAbuse);
  }

  #command(connection: Connection, command: ClientCommand, now: number): void {
    const { output, typing } = this.#options;
    const id = "id" in command ? command.id : undefined;
    if (command.type === "hello") {
      if (connection.state.type === "opened") this.#options.joining.hello(connection, command, now);
      else output.reject(connection, { code: "bad_request", message: "hello comes once" }, id, now);
      return;
    }
    if (command.type === "ping") {
      if (this.#allow(connection, "ephemeral", id, now)) output.push(connection, PONG);
      return;
    }
    if (!this.#isInside(connection, id, now)) return;
    switch (command.type) {
      case "typing":
        if (!this.#allow(connection, "ephemeral", id, now)) return;
        if (command.on && this.#mayType(connection, now)) typing.start(connection.user, now);
        else typing.stop(connection.user);
        return;
      case "history":
        if (this.#allow(connection, "reads", id, now)) this.#history(connection, command, now);
        return;
      case "search":
        if (this.#allow(connection, "reads", id, now)) this.#search(connection, command, now);
        return;
      case "rename":
        if (this.#allow(connection, "commands", id, now)) this.#rename(connection, command, now);
        return;
      default:
        if (!this.#allow(connection, "commands", id, now)) return;
        if (command.type === "send" && command.files !== undefined) this.#sendFiles(connection, command);
        else this.#submit(connection, eventBody(command), command.id, this.#details(command));
    }
  }

  /** Whether the connection is in the room; if not, the command is rejected. */
  #isInside(connection: Connection, id: string | undefined, now: number): boolean {
    const { type } = connection.state;
    if (type === "opened") {
      this.#options.output.reject(connection, { code: "not_joined", message: "say hello first" }, id, now);
    } else if (type === "waiting") {
      const message = "a moderator has to let you in first";
      // A waiting user has nothing to send: a client that keeps sending is soon disconnected.
      connection.limits.errors.charge(ERRORS_PER_COMMAND_OUTSIDE - 1, now);
      this.#options.output.reject(connection, { code: "forbidden", message, cause: "waiting" }, id, now);
    }
    return type === "joined";
  }

  #rename(connection: Connection, { id, name: wanted }: Command<"rename">, now: number): void {
    const { output, presence, connections, rules } = this.#options;
    const { user } = connection;
    const error = renameDenied(rules.muteOf(user, now));
    if (error !== null) {
      output.reject(connection, error, id, now);
      return;
    }
    const name = cleanName(wanted) || guestName(user);
    connections.rename(user, name);
    presence.rename(user, name);
    output.push(connection, { type: "ok", id });
  }

  #mayType({ user }: Connection, now: number): boolean {
    const { presence, rules } = this.#options;
    return presence.online <= MAX_ONLINE_FOR_TYPING && rules.muteOf(user, now) === null;
  }

  #history(connection: Connection, { id, before, limit }: Command<"history">, now: number): void {
    const { history, output, connections } = this.#options;
    if (connection.unreadLength > MAX_UNREAD_FOR_READS) {
      const message = "read the earlier answers before asking for more";
      output.reject(connection, { code: "rate_limited", message, retryAfter: UNREAD_RETRY_MS }, id, now);
      return;
    }
    history(before, limit, (page) => {
      if (!connections.has(connection)) return;
      if (!page.ok) {
        output.reject(connection, page.error, id, this.#now);
        return;
      }
      const { events, more } = page.value;
      const line = `{"type":"history","id":${JSON.stringify(id)},"events":${events},"more":${more}}`;
      connection.limits.reads.charge(Math.floor(line.length / LENGTH_PER_READ), now);
      output.push(connection, line);
    });
  }

  #search(connection: Connection, command: Command<"search">, now: number): void {
    const { id, q, before = Number.MAX_SAFE_INTEGER, limit } = command;
    const { output, search, connections } = this.#options;
    const query = parseQuery(q);
    if (!query.ok) {
      output.reject(connection, query.error, id, now);
      return;
    }
    search({
      ...{ query: query.value, before, limit },
      isWanted: () => connections.has(connection),
      onResult: (result, looked) => {
        if (!result.ok) output.reject(connection, result.error, id, this.#now);
        else output.push(connection, { type: "found", id, ...withoutIds(result.value) });
        connection.limits.reads.charge(Math.floor(looked / MESSAGES_PER_READ), this.#now);
      },
    });
  }

  /** Takes a token of a limit of the connection, or rejects the command. */
  #allow(
    connection: Connection,
    limit: keyof Connection["limits"],
    id: string | undefined,
    now: number,
  ): boolean {
    const waitMs = connection.limits[limit].take(now);
    if (waitMs === 0) return true;
    const wait = connection.mode === "plain" ? `${Math.ceil(waitMs / 1000)} s` : `${waitMs} ms`;
    const message = `too fast, try again in ${wait}`;
    this.#options.output.reject(connection, { code: "rate_limited", message, retryAfter: waitMs }, id, now);
    return false;
  }

  #submit(
    connection: Connection,
    body: Submission["body"],
    id: string | undefined,
    details: Details = {},
  ): void {
    const { submit, connections, output } = this.#options;
    submit({
      author: () => connection,
      body,
      id,
      isPlain: connection.mode === "plain",
      since: connection.since,
      details,
      onResult: (result) => {
        if (!connections.has(connection)) return;
        if (!result.ok) output.reject(connection, result.error, id, this.#now);
        else if (id !== undefined) output.push(connection, { type: "ok", id, seq: result.value.seq });
      },
      onLost: () => output.startClosing(connection, CloseCode.Moved),
    });
  }

  /** Submits a message once its files are looked up. Later commands of the connection wait, to keep their order. */
  #sendFiles(connection: Connection, command: Command<"send">): void {
    const { files, output } = this.#options;
    const { id, files: sent = [] } = command;
    if (files === null) {
      this.#submit(connection, eventBody(command), id);
      return;
    }
    this.#held.set(connection, []);
    const ids = sent.map((file) => file.id);
    files.describe(ids, connection.user, (result) => {
      if (result.ok) this.#submit(connection, eventBody(command), id, { files: result.value });
      else if (connection.isOpen) output.reject(connection, result.error, id, this.#now);
      this.handleHeld(connection, this.#now);
    });
  }

  /** Returns the details of a command. */
  #details(command: LogCommand): Details {
    const { presence, connections, waitingList } = this.#options;
    switch (command.type) {
      case "settings":
        return { newPassword: command.newPassword, present: () => presence.users() };
      case "owner":
        return { secret: command.secret };
      case "role":
      case "mute":
      case "ban":
      case "remove":
      case "admit": {
        const { member } = command;
        const memberName =
          presence.nameOf(member) ?? waitingList.all.find(({ user }) => user === member)?.name;
        return { memberName, ...(command.type === "ban" && { networks: connections.networksOf(member) }) };
      }
      default:
        return {};
    }
  }
}
