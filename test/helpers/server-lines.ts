/** Lines from a room, with defaults for fields that a test does not need. */
import type { Message, WelcomeLine } from "../../src/protocol/index.ts";

/** A `welcome` for the user `me` in an empty room. */
export function welcomeLine(change: Partial<WelcomeLine> = {}): WelcomeLine {
  return {
    type: "welcome",
    room: "demo",
    you: { user: "me", name: "Me" },
    epoch: "epoch-1",
    seq: 0,
    resumed: false,
    events: [],
    more: false,
    online: 1,
    members: [{ user: "me", name: "Me" }],
    limits: { text: 8_192, name: 32, frame: 32_768 },
    now: Date.UTC(2030, 0, 1),
    ...change,
  };
}

/** The message `seq` of the user `ada`. */
export function messageLine(seq: number, change: Partial<Message> = {}): Message {
  return { type: "message", seq, at: 1_000 + seq, user: "ada", name: "Ada", text: `text ${seq}`, ...change };
}

/** The messages from `first` to `last`. */
export function messageLines(first: number, last: number): Message[] {
  return Array.from({ length: last - first + 1 }, (_, index) => messageLine(first + index));
}
