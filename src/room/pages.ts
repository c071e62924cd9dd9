/** Pages: the log as programs read it over HTTP. */
import type { Message, RoomEvent } from "../protocol/index.ts";
import type { Log } from "./log.ts";

/** Page of events, oldest first. */
export interface EventPage<E extends RoomEvent = RoomEvent> {
  /** `""` where nobody ever wrote. */
  readonly epoch: string;
  /** Head of the log. */
  readonly seq: number;
  readonly events: readonly E[];
  /** There is more beyond the page. */
  readonly more: boolean;
}

/** The newest `limit` messages before `seq`, as they now stand. */
export function messagesBefore(log: Log, seq: number, limit: number): EventPage<Message> {
  const { events, more } = log.before(seq, limit);
  return { epoch: log.epoch, seq: log.head, events: events.map(withoutId), more };
}

/**
 * The first `limit` events after `seq` of the log named `epoch`, or of whichever there is.
 *
 * @returns `"epoch"` where the log is another, `"pruned"` where some of the events are gone
 */
export function eventsAfter(
  log: Log,
  seq: number,
  epoch: string | undefined,
  limit: number,
): EventPage | "epoch" | "pruned" {
  if (epoch !== undefined && epoch !== log.epoch) return "epoch";
  if (seq < log.pruned) return "pruned";
  const { events, more } = log.after(seq, limit);
  return { epoch: log.epoch, seq: log.head, events: events.map(withoutId), more };
}

/** An event as others see it: the id of its command is its author's own affair. */
export function withoutId<E extends RoomEvent>(event: E): E {
  const shown = { ...event };
  delete shown.id;
  return shown;
}
