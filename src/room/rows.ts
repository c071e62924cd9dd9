/** Rows of the log's tables read as events. */
import * as v from "valibot";
import { type Message, Reactions, type RoomEvent } from "../protocol/index.ts";
import type { Row, SqlValue } from "./store.ts";

type Column = SqlValue | undefined;

export function integer(value: Column): number {
  if (typeof value !== "number") throw new Error("the log has a row without an integer where one belongs");
  return value;
}

function text(value: Column): string {
  if (typeof value !== "string") throw new Error("the log has a row without a text where one belongs");
  return value;
}

export function toMessage(row: Row): Message {
  return {
    type: "message",
    ...stamp(row),
    text: text(row.text),
    ...(row.reply !== null && { reply: integer(row.reply) }),
    ...(row.edited !== null && { edited: integer(row.edited) }),
    ...(row.deleted === 1 && { deleted: true as const }),
    ...(row.reactions !== null && { reactions: v.parse(Reactions, JSON.parse(text(row.reactions))) }),
  };
}

export function toEvent(row: Row): RoomEvent {
  switch (row.type) {
    case "message":
      return toMessage(row);
    case "edit":
      return { type: "edit", ...stamp(row), target: integer(row.target), text: text(row.text) };
    case "delete":
      return { type: "delete", ...stamp(row), target: integer(row.target) };
    case "react":
      return {
        type: "react",
        ...stamp(row),
        target: integer(row.target),
        emoji: text(row.emoji),
        on: row.on === 1,
      };
    default:
      throw new Error("the log has an event of an unknown type");
  }
}

function stamp(row: Row) {
  return {
    seq: integer(row.seq),
    at: integer(row.at),
    user: text(row.user),
    name: text(row.name),
    ...(row.id !== null && { id: text(row.id) }),
  };
}
