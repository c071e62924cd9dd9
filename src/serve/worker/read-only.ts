/** Read-only: rooms that store nothing while the disk is full. */

/** Statements with which a room stores something. Creating tables that exist stores nothing. */
const WRITES = /^\s*(INSERT|REPLACE|UPDATE|DELETE)\b/i;

/** DiskState is whether the disk counts as full. The server tells the front, and the rooms read it. */
export interface DiskState {
  isFull: boolean;
}

/** Statements is the part of a room's storage that runs SQL. */
export interface Statements {
  exec(query: string, ...bindings: unknown[]): unknown;
}

/**
 * Makes the statements of a room that write fail while the disk is full. The room then rejects the command. A
 * commit that fails for lack of space would end the room with all its connections, after its handlers have run.
 */
export function failWritesWhenFull(sql: Statements, disk: DiskState): void {
  const exec = sql.exec.bind(sql);
  sql.exec = (query, ...bindings) => {
    if (disk.isFull && WRITES.test(query)) throw new Error("the disk is full");
    return exec(query, ...bindings);
  };
}
