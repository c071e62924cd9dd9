/** Event rows: converts events to rows of the log's two tables, and back. */
import * as v from "valibot";
import { isChange, type Message, RoomEvent, type TimelineEvent } from "../protocol/index.ts";
import type { Row, SqlValue } from "./store.ts";

/** Columns of both tables, except seq and ordinal. */
const BASE = ["at", "user", "name", "id"] as const;

/** Columns that changes of a message write. */
const STATE = ["text", "edited", "deleted", "reactions", "fields"] as const;

/** Columns of a row, except seq and ordinal, in the order of `rowOf`. */
export const COLUMNS = {
  messages: [...BASE, "type", "reply", ...STATE],
  events: [...BASE, "type", "text", "fields", "target"],
} as const;

const SHOWN =
  "seq, at, user, name, id, COALESCE(type, 'message') AS type, text, reply, edited, deleted, reactions, fields";

/** Selects what `toEvent` reads of a row of `messages`. */
export const SELECT_SHOWN = `SELECT ${SHOWN} FROM messages`;

/** Selects the events of both tables that match `condition`. SQLite merges them by seq, row by row. */
export function eventsWhere(condition: string): string {
  return `SELECT ${SHOWN}, NULL AS target FROM messages WHERE ${condition}
          UNION ALL
          SELECT seq, at, user, name, id, type, text, NULL, NULL, NULL, NULL, fields, target
            FROM events WHERE ${condition}`;
}

/** Returns the table of an event and the values of its columns. A message can have changes applied. */
export function rowOf(event: RoomEvent): { table: "messages" | "events"; values: SqlValue[] } {
  const { seq: _, at, user, name, id, type, ...rest } = event;
  const base = [at, user, name, id ?? null];
  if (event.type === "message") {
    return {
      table: "messages",
      values: [...base, null, event.reply ?? null, ...stateOf(event)],
    };
  }
  if (!isChange(event)) {
    return {
      table: "messages",
      values: [...base, type, null, "", null, null, null, JSON.stringify(rest)],
    };
  }
  const { target, text = null, ...fields } = { text: undefined, target: event.target, ...rest };
  const json = Object.keys(fields).length === 0 ? null : JSON.stringify(fields);
  return { table: "events", values: [...base, type, text, json, target] };
}

/** Returns the values of the columns `STATE` of a message. */
export function stateOf({ text, edited, deleted, moderated, reactions, files }: Message): SqlValue[] {
  return [
    ...[text, edited ?? null],
    deleted ? (moderated ? 2 : 1) : null,
    reactions ? JSON.stringify(reactions) : null,
    files ? JSON.stringify({ files }) : null,
  ];
}

export function toTimelineEvent(row: Row): TimelineEvent {
  const event = toEvent(row);
  if (isChange(event)) throw new Error("the log has a change in the wrong table");
  return event;
}

export function toEvent(row: Row): RoomEvent {
  return v.parse(RoomEvent, present(row));
}

/** Returns the fields that a row has, with JSON parsed. */
function present(row: Row): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) if (value !== null) fields[column] = value;
  if (fields.deleted === 2) fields.moderated = true;
  if (fields.deleted !== undefined) fields.deleted = true;
  if (typeof fields.reactions === "string") fields.reactions = JSON.parse(fields.reactions);
  const { fields: rest, ...known } = fields;
  return typeof rest === "string" ? { ...known, ...JSON.parse(rest) } : known;
}
