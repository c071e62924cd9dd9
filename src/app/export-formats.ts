/** Formats of an export: how each writes the beginning, the events and the end of a room's log. */
import { html, raw } from "hono/html";
import {
  EXPORT_VERSION,
  type ExportEnd,
  type ExportedRoom,
  type ExportGap,
  fileAddresses,
  isChange,
  type Message,
  type Notice,
  ownText,
  type RoomEvent,
} from "../protocol/index.ts";

export interface ExportFormat {
  readonly contentType: string;
  start(room: ExportedRoom): string;
  /** Returns one event or gap, `""` if the format does not show it. */
  entry(entry: RoomEvent | ExportGap): string;
  end(end: ExportEnd): string;
  /** Returns bytes of a file, from an offset. Absent: the format has no place for them. */
  file?(id: string, offset: number, bytes: Uint8Array): string;
}

/** JSON Lines: the log itself, enough to build the room again. */
const jsonl: ExportFormat = {
  contentType: "application/jsonl; charset=utf-8",
  start: (room) => line({ type: "room", version: EXPORT_VERSION, ...room }),
  entry: line,
  end: line,
  file: (id, offset, bytes) => line({ type: "file", id, offset, data: base64(bytes) }),
};

/** Text to read: a line for each message and notice. */
const txt: ExportFormat = {
  contentType: "text/plain; charset=utf-8",
  start: ({ room, title }) => `${title ?? room}\n\n`,
  entry(entry) {
    if (entry.type === "gap") return `[${gapText(entry)}]\n`;
    if (isChange(entry)) return "";
    const time = timeText(entry.at);
    if (entry.type !== "message") return `[${time}] * ${oneLine(entry.name)} ${noticeText(entry)}\n`;
    const text = messageText(entry).replaceAll("\n", "\n    ");
    return `[${time}] ${oneLine(entry.name)}: ${text}\n`;
  },
  end: ({ wiped }) => (wiped ? `[${WIPED}]\n` : ""),
};

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
article { margin: 0 0 1rem; break-inside: avoid; }
header { font-weight: 600; }
time { font-weight: 400; font-size: 0.85em; opacity: 0.7; }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.notice { opacity: 0.7; font-size: 0.85em; margin: 0 0 1rem; }
`;

/** One page to read or print, without scripts. */
const page: ExportFormat = {
  contentType: "text/html; charset=utf-8",
  start({ room, title }) {
    const name = title ?? room;
    return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${name}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>${name}</h1>
`}`;
  },
  entry(entry) {
    if (entry.type === "gap") return `${html`<p class="notice">${gapText(entry)}</p>\n`}`;
    if (isChange(entry)) return "";
    const time = html`<time datetime="${new Date(entry.at).toISOString()}">${timeText(entry.at)}</time>`;
    if (entry.type !== "message")
      return `${html`<p class="notice">${entry.name} ${noticeText(entry)} ${time}</p>\n`}`;
    return `${html`<article id="m${entry.seq}"><header>${entry.name} ${time}</header><p dir="auto">${messageText({ ...entry, text: ownText(entry) })}</p>${fileLinks(entry)}</article>\n`}`;
  },
  end: ({ wiped }) => `${wiped ? `<p class="notice">${WIPED}</p>\n` : ""}</body>\n</html>\n`,
};

/** The formats by the name that a request gives. */
export const EXPORT_FORMATS: ReadonlyMap<string, ExportFormat> = new Map([
  ["jsonl", jsonl],
  ["txt", txt],
  ["html", page],
]);

const WIPED = "The room's messages were deleted while this was written.";

function base64(bytes: Uint8Array): string {
  let text = "";
  // As arguments of a call, all bytes at once would exceed the stack.
  for (let at = 0; at < bytes.length; at += 8_190)
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + 8_190)));
  return text;
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** Returns a time in UTC, to the second. */
function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function gapText({ after, before }: ExportGap): string {
  return `${before - after - 1} events are missing: the room does not keep them any more`;
}

/** Returns a link to each file of a message, which says what the picture shows, or the name of the file. */
function fileLinks(message: Message) {
  const addresses = fileAddresses(message);
  return (message.files ?? []).map(
    ({ id, name, alt }, i) =>
      html`<p><a href="${addresses[i]}" rel="noreferrer">${alt || name || id}</a></p>`,
  );
}

function messageText({ text, deleted, moderated, edited }: Extract<RoomEvent, { type: "message" }>): string {
  if (deleted) return moderated ? "(removed by a moderator)" : "(deleted)";
  return edited === undefined ? text : `${text} (edited)`;
}

/** Returns what a notice says, after the name of the person who acted. */
function noticeText(notice: Notice): string {
  const member = "member" in notice ? (notice.memberName ?? notice.member) : "";
  const reason = "reason" in notice && notice.reason ? ` (${notice.reason})` : "";
  switch (notice.type) {
    case "claim":
      return "became an owner of the room";
    case "settings":
      return "changed the room's settings";
    case "role":
      return `made ${member} a ${notice.role}`;
    case "mute":
      return `${notice.duration === 0 ? "unmuted" : "muted"} ${member}${reason}`;
    case "ban":
      return `${notice.duration === 0 ? "lifted the ban of" : "banned"} ${member}${reason}`;
    case "remove":
      return `removed ${member}${reason}`;
    case "admit":
      return notice.on ? `let ${member} in` : `did not let ${member} in`;
    case "pin":
      return `${notice.on ? "pinned" : "unpinned"} a message`;
    case "owner":
      return "made a new owner link";
    case "wipe":
      return "deleted all messages";
    case "import":
      return `imported ${notice.messages} messages from a file`;
  }
}
