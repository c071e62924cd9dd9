/** Welcome: the answer to `hello`, put together from parts that are serialised already. */
import {
  type Command,
  MAX_FRAME_BYTES,
  MAX_NAME_GRAPHEMES,
  MAX_RESUME_EVENTS,
  MAX_TEXT_BYTES,
  type Member,
} from "../protocol/index.ts";
import type { Log } from "./log.ts";
import type { Presence } from "./presence.ts";
import type { Tail } from "./tail.ts";

const LIMITS = { text: MAX_TEXT_BYTES, name: MAX_NAME_GRAPHEMES, frame: MAX_FRAME_BYTES };

/** The `welcome` line for `you`, who said `hello` at `now` (Unix ms) in the room called `room`. */
export function welcomeLine(
  room: string,
  you: Member,
  hello: Command<"hello">,
  { log, tail, presence }: { log: Log; tail: Tail; presence: Presence },
  now: number,
): string {
  const { resume } = hello;
  const missed = resume !== undefined && canResume(log, resume) ? tail.since(resume.seq, you.user) : null;
  const excerpt = missed ?? tail.newest(hello.history, you.user);
  const head = JSON.stringify({
    type: "welcome",
    room,
    you,
    epoch: log.epoch,
    seq: log.head,
    resumed: missed !== null,
    more: excerpt.more,
    online: presence.online,
    limits: LIMITS,
    now,
  });
  return `${head.slice(0, -1)},"members":${presence.snapshotJson()},"events":[${excerpt.lines.join()}]}`;
}

/** Whether every event after the one that the client saw last is there, and they are not too many. */
function canResume(log: Log, { epoch, seq }: { epoch: string; seq: number }): boolean {
  return epoch === log.epoch && seq <= log.head && seq >= log.pruned && log.head - seq <= MAX_RESUME_EVENTS;
}
