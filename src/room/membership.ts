/** Membership: the connections of a room, and the people behind them. */
import { HELLO_TIMEOUT_MS } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";
import { Presence } from "./presence.ts";

/** Ghosts are connections that were not heard from for too long. */
export interface Ghosts {
  readonly found: readonly Connection[];
  /** When the next of the others would be one, Unix ms, or `null` where nobody would notice. */
  readonly nextAt: number | null;
}

export class Membership {
  readonly presence = new Presence();
  readonly #connections = new Set<Connection>();
  /** Those that have not said `hello`, the longest first. */
  readonly #silent = new Set<Connection>();
  #plainSockets = 0;

  /** Every connection, joined or not. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
    if (connection.isPlain) this.#plainSockets += 1;
    if (connection.joined) this.presence.enter(connection.user, connection.name);
    else this.#silent.add(connection);
  }

  /** A connection goes, if it has not gone before. `now` is Unix ms. */
  remove(connection: Connection, now: number): void {
    this.#silent.delete(connection);
    if (!this.#connections.delete(connection)) return;
    if (connection.isPlain) this.#plainSockets -= 1;
    if (!connection.joined) return;
    // A plain sender's id is nobody's any more.
    if (connection.isPlain) this.presence.remove(connection.user);
    else this.presence.exit(connection.user, now);
  }

  /** A connection takes part from now on, as `user`, whose other sockets take on the name. */
  join(connection: Connection, user: string, name: string): void {
    connection.update({ user, name, joined: true });
    this.#silent.delete(connection);
    this.presence.enter(user, name);
    this.rename(user, name);
  }

  /** Gives a person a name, under which all their sockets speak. */
  rename(user: string, name: string): void {
    if (this.presence.nameOf(user) === name) return;
    for (const connection of this.#connections) {
      if (connection.user === user && connection.name !== name) connection.update({ name });
    }
    this.presence.rename(user, name);
  }

  /** When someone must have said `hello`, Unix ms, or `null` where everyone has. */
  get helloDueAt(): number | null {
    const [longest] = this.#silent;
    return longest === undefined ? null : longest.since + HELLO_TIMEOUT_MS;
  }

  /** Takes out those who should have said `hello` by `now`, Unix ms: nothing more is expected of them. */
  takeOverdue(now: number): Connection[] {
    const overdue: Connection[] = [];
    for (const connection of this.#silent) {
      if (connection.since + HELLO_TIMEOUT_MS > now) break;
      this.#silent.delete(connection);
      overdue.push(connection);
    }
    return overdue;
  }

  /** Whether a dead link would show as someone who is not there: two people or more hold `chat.v1` sockets. */
  get needsSweep(): boolean {
    return this.presence.online - this.#plainSockets >= 2;
  }

  /** The connections that are ghosts at `now`, Unix ms. */
  ghosts(now: number): Ghosts {
    const found: Connection[] = [];
    let nextAt = Number.POSITIVE_INFINITY;
    for (const connection of this.#connections) {
      const { ghostAt } = connection;
      if (ghostAt === null || connection.closed) continue;
      if (ghostAt <= now) found.push(connection);
      else nextAt = Math.min(nextAt, ghostAt);
    }
    return { found, nextAt: this.needsSweep && nextAt < Number.POSITIVE_INFINITY ? nextAt : null };
  }
}
