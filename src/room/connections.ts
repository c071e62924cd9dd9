/** Connections: the connections of a room, with those that are overdue or stale. */
import { HELLO_TIMEOUT_MS } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";

/** Stale connections sent nothing for too long. */
export interface Stale {
  readonly found: readonly Connection[];
  /** Time when the next of the others becomes stale, Unix ms, or `null` if there is none. */
  readonly nextAt: number | null;
}

export class Connections implements Iterable<Connection> {
  readonly #all = new Set<Connection>();
  /** Connections without `hello`, the oldest first. */
  readonly #opened = new Set<Connection>();
  /** Connections whose users wait to be let in, the first to wait first. */
  readonly #waiting = new Set<Connection>();
  readonly #byNetwork = new Map<string, number>();
  #plain = 0;

  get size(): number {
    return this.#all.size;
  }

  /** Connections in plain mode. */
  get plain(): number {
    return this.#plain;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values();
  }

  has(connection: Connection): boolean {
    return this.#all.has(connection);
  }

  add(connection: Connection): void {
    this.#all.add(connection);
    if (connection.mode === "plain") this.#plain += 1;
    this.#countNetwork(connection, 1);
    if (connection.state.type === "opened") this.#opened.add(connection);
    if (connection.state.type === "waiting") this.#waiting.add(connection);
  }

  /** Records that a connection sent its `hello`. */
  greeted(connection: Connection): void {
    this.#opened.delete(connection);
  }

  /** Connections whose users wait to be let in, the first to wait first. */
  get waiting(): ReadonlySet<Connection> {
    return this.#waiting;
  }

  startWaiting(connection: Connection): void {
    this.#opened.delete(connection);
    this.#waiting.add(connection);
  }

  /** Returns whether the connection was waiting. */
  stopWaiting(connection: Connection): boolean {
    return this.#waiting.delete(connection);
  }

  /** Returns the number of connections from a network that wait. */
  countWaiting(network: string): number {
    return Array.from(this.#waiting).filter((connection) => connection.network === network).length;
  }

  /** Renames a user on all connections. */
  rename(user: string, name: string): void {
    for (const connection of this.#all)
      if (connection.user === user && connection.name !== name) connection.rename(name);
  }

  /** Whether a user has a connection in the room that is not closing. */
  hasJoined(user: string): boolean {
    for (const connection of this.#all)
      if (connection.user === user && connection.state.type === "joined") return true;
    return false;
  }

  /** Returns the networks that a user is connected from, as in `networkId`. */
  networksOf(user: string): string[] {
    const networks = new Set<string>();
    for (const connection of this.#all)
      if (connection.user === user && connection.network !== undefined) networks.add(connection.network);
    return [...networks];
  }

  /** Removes a connection. Returns whether it was there. */
  delete(connection: Connection): boolean {
    this.#opened.delete(connection);
    this.#waiting.delete(connection);
    if (!this.#all.delete(connection)) return false;
    if (connection.mode === "plain") this.#plain -= 1;
    this.#countNetwork(connection, -1);
    return true;
  }

  /** Returns the number of connections from a network. */
  countOf(network: string): number {
    return this.#byNetwork.get(network) ?? 0;
  }

  /**
   * Returns the plain connection that sent nothing for the longest time, and nothing since `before`, Unix ms.
   *
   * @param network - only connections from this network, or `null` for all
   */
  longestIdlePlain(network: string | null, before: number): Connection | null {
    let idle: Connection | null = null;
    for (const connection of this.#all) {
      if (connection.mode !== "plain" || !connection.isOpen || connection.heardAt >= before) continue;
      if (network !== null && connection.network !== network) continue;
      if (idle === null || connection.heardAt < idle.heardAt) idle = connection;
    }
    return idle;
  }

  /** Time when the next `hello` is overdue, Unix ms, or `null` if none is expected. */
  get helloDueAt(): number | null {
    const [oldest] = this.#opened;
    return oldest === undefined ? null : oldest.since + HELLO_TIMEOUT_MS;
  }

  /** Returns the connections whose hello is overdue at `now`, Unix ms, each once. */
  takeOverdue(now: number): Connection[] {
    const overdue: Connection[] = [];
    for (const connection of this.#opened) {
      if (connection.since + HELLO_TIMEOUT_MS > now) break;
      this.#opened.delete(connection);
      overdue.push(connection);
    }
    return overdue;
  }

  /** Returns the connections that are stale at `now`, Unix ms. */
  stale(now: number): Stale {
    const found: Connection[] = [];
    let nextAt = Number.POSITIVE_INFINITY;
    for (const connection of this.#all) {
      const { staleAt } = connection;
      if (staleAt === null || !connection.isOpen) continue;
      if (staleAt <= now) found.push(connection);
      else nextAt = Math.min(nextAt, staleAt);
    }
    return { found, nextAt: Number.isFinite(nextAt) ? nextAt : null };
  }

  #countNetwork({ network }: Connection, change: 1 | -1): void {
    if (network === undefined) return;
    const count = this.countOf(network) + change;
    if (count === 0) this.#byNetwork.delete(network);
    else this.#byNetwork.set(network, count);
  }
}
