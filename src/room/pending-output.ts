/** PendingOutput: the connections with output of their own for the next flush. */
import { CloseCode, type CommandError, type ServerLine } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";

export class PendingOutput {
  /** Connections with pending output of their own, or that are closing. */
  readonly dirty = new Set<Connection>();

  /** Adds a line for one connection. A string is a serialised line. */
  push(connection: Connection, line: ServerLine | string): void {
    connection.push(line);
    this.dirty.add(connection);
  }

  /** Rejects a command. A client whose commands are rejected far too often is disconnected. */
  reject(connection: Connection, error: CommandError, id: string | undefined, now: number): void {
    connection.pushError(error, id);
    this.dirty.add(connection);
    if (connection.limits.errors.take(now) > 0) this.startClosing(connection, CloseCode.RateAbuse);
  }

  startClosing(connection: Connection, code: CloseCode): void {
    connection.startClosing(code);
    this.dirty.add(connection);
  }
}
