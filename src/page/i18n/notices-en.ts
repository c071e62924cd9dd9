/** English texts of notices. Its keys are those that every language must have. */
import type { Entry, Role } from "../../protocol/notices.ts";

/** Each text follows the name of the person who acted. `member` stands for the person acted on. */
export const noticesEn = {
  created: "created this room",
  claim: "became an owner of this room",
  title: (title: string) => (title === "" ? "removed the title" : `changed the title to “${title}”`),
  topic: (topic: string) => (topic === "" ? "removed the topic" : `changed the topic to “${topic}”`),
  entry: (entry: Entry): string =>
    ({
      open: "now lets in anyone with the link",
      password: "now lets people in by password",
      knock: "now lets people in one by one",
    })[entry],
  slowMode: (time: string) => (time === "" ? "turned off slow mode" : `turned on slow mode (${time})`),
  readOnly: (on: boolean): string => (on ? "made the room read-only" : "let everyone write again"),
  locked: (on: boolean): string => (on ? "locked the room" : "unlocked the room"),
  closed: (on: boolean): string => (on ? "closed the room" : "opened the room again"),
  files: (on: boolean): string => (on ? "switched files on" : "switched files off"),
  password: "changed the password",
  /** Several changes that were made at once. */
  list: (changes: readonly string[]) => new Intl.ListFormat("en").format(changes),
  role: (member: string, role: Role) =>
    role === "moderator" ? `made ${member} a moderator` : `made ${member} a regular member`,
  mute: (member: string, time: string) => `muted ${member}${time === "" ? "" : ` for ${time}`}`,
  unmute: (member: string) => `unmuted ${member}`,
  ban: (member: string, time: string) => `banned ${member}${time === "" ? "" : ` for ${time}`}`,
  banNetwork: (member: string, time: string) =>
    `banned ${member} and their network${time === "" ? "" : ` for ${time}`}`,
  unban: (member: string) => `lifted the ban on ${member}`,
  remove: (member: string) => `removed ${member} from the room`,
  admit: (member: string) => `let ${member} in`,
  refuse: (member: string) => `did not let ${member} in`,
  pin: "pinned a message",
  unpin: "unpinned a message",
  owner: "made a new owner link",
  wipe: "deleted all messages",
  imported: (messages: number) =>
    messages === 1
      ? "imported 1 message from a file"
      : `imported ${messages.toLocaleString("en")} messages from a file`,
  reason: (reason: string) => `: “${reason}”`,
};

export type NoticeTexts = typeof noticesEn;
