/** WaitingList: the users who wait to be let in, and the lines that show them to moderators. */
import { MAX_WAITING, MAX_WAITING_PER_NETWORK, type Member } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { PendingOutput } from "./pending-output.ts";
import type { Rules } from "./rules.ts";

/** Shortest time between two lines with the list. */
const INTERVAL_MS = 500;

/** WaitingListOptions are the parts of an audience that the list uses. */
export interface WaitingListOptions {
  readonly connections: Connections;
  readonly rules: Rules;
  readonly output: PendingOutput;
}

export class WaitingList {
  readonly #options: WaitingListOptions;
  #elsewhere: readonly Member[] = [];
  /** Whether moderators have not received the list as it is now. */
  #isDirty = false;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(options: WaitingListOptions) {
    this.#options = options;
  }

  /** Users who wait. */
  get all(): Member[] {
    return membersOf([...this.#options.connections.waiting, ...this.#elsewhere]);
  }

  /** Users who wait and whose connections are here. */
  get here(): Member[] {
    return membersOf(this.#options.connections.waiting);
  }

  /** Sets the users who wait and whose connections are in other objects. */
  set elsewhere(waiting: readonly Member[]) {
    if (waiting.length === 0 && this.#elsewhere.length === 0) return;
    this.#elsewhere = waiting;
    this.#isDirty = true;
  }

  /** Whether no further connection from a network, as in `networkId`, may wait here. */
  isFull(network: string | undefined): boolean {
    const { connections } = this.#options;
    if (connections.waiting.size >= MAX_WAITING) return true;
    return network !== undefined && connections.countWaiting(network) >= MAX_WAITING_PER_NETWORK;
  }

  add(connection: Connection): void {
    this.#options.connections.startWaiting(connection);
    this.#isDirty = true;
  }

  /** Removes a connection, if it is in the list. */
  remove(connection: Connection): void {
    if (this.#options.connections.stopWaiting(connection)) this.#isDirty = true;
  }

  /** Sends the list again with the next line that is due: there is a new moderator. */
  repeat(): void {
    if (this.all.length > 0) this.#isDirty = true;
  }

  /** Time of the next line, Unix ms, or `null`. */
  get dueAt(): number | null {
    return this.#isDirty ? this.#sentAt + INTERVAL_MS : null;
  }

  /** Sends moderators the list, if it is due. */
  send(now: number): void {
    const { dueAt } = this;
    if (dueAt === null || dueAt > now) return;
    this.#isDirty = false;
    this.#sentAt = now;
    const { connections, rules, output } = this.#options;
    const line = JSON.stringify({ type: "knocks", waiting: this.all });
    for (const connection of connections)
      if (connection.state.type === "joined" && rules.isStaff(connection.user)) output.push(connection, line);
  }
}

/** Returns the users of connections, each once, in their order, at most `MAX_WAITING`. */
function membersOf(connections: Iterable<Member>): Member[] {
  const members = new Map<string, Member>();
  for (const { user, name } of connections) {
    if (!members.has(user)) members.set(user, { user, name });
    if (members.size >= MAX_WAITING) break;
  }
  return [...members.values()];
}
