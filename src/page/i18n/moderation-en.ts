/** English texts about roles, settings of a room and moderation. Its keys are those that every language must have. */
import type { Cause } from "../../protocol/errors.ts";
import type { Entry, Role } from "../../protocol/notices.ts";

export const moderationEn = {
  // Why the room rejected something
  causes: {
    muted: "You are muted in this room.",
    banned: "You are banned from this room.",
    removed: "A moderator removed you from this room.",
    read_only: "Only moderators can write in this room.",
    slow_mode: "Slow mode: wait a little before your next message.",
    closed: "The room is closed.",
    locked: "The room is locked.",
    password: "The room needs its password.",
    waiting: "A moderator has not let you in yet.",
    not_admitted: "A moderator did not let you in.",
    owner_secret: "This owner link is no longer valid.",
    claimed: "This room is in use already.",
    role: "Your role in this room does not allow this.",
    files_off: "Files are switched off in this room.",
    file_used: "This file belongs to another message.",
    quota: "There is no space left for more files.",
    other: "The room does not allow this.",
  } satisfies Record<Cause, string>,

  unreachable: "The connection failed.",

  // Writing
  mutedFor: (until: string) =>
    until === "" ? "You are muted until a moderator lifts it." : `You are muted until ${until}.`,
  reasonGiven: (reason: string) => `Reason: ${reason}`,
  readOnlyNote: "Read-only: only moderators can write here.",
  slowWait: (time: string) => `Slow mode: next message in ${time}`,
  slowExplained: (time: string) =>
    `Slow mode is on. You can send your message in ${time}. Your text is kept.`,
  slowHint: (time: string) => `Slow mode: one message every ${time}`,

  // The top of a room
  pinned: "Pinned message",
  jumpToPinned: "Go to the pinned message",
  pin: "Pin",
  unpin: "Unpin",
  removeMessage: "Remove message",
  wish: "wants to come in",
  wantsIn: (name: string) => `${name} wants to come in`,
  waiting: (count: number) => (count === 1 ? "1 person is waiting" : `${count} people are waiting`),
  showWaiting: "Show",
  hideWaiting: "Hide",
  letIn: "Let in",
  refuse: "Refuse",
  letInName: (name: string) => `Let in ${name}`,
  refuseName: (name: string) => `Refuse ${name}`,
  knockTitle: (room: string) => `Someone is waiting · ${room}`,
  closedNote: "This room is closed: only its owners can enter.",
  openAgain: "Open again",

  // People
  muteFor: "Mute…",
  unmute: "Unmute",
  banFor: "Ban…",
  unban: "Lift the ban",
  removeFrom: "Remove from the room…",
  makeModerator: "Make moderator",
  unmakeModerator: "Make a regular member",
  madeModerator: (name: string) => `${name} is a moderator now`,
  madeMember: (name: string) => `${name} is a regular member now`,
  muteTitle: (name: string) => `Mute ${name}`,
  banTitle: (name: string) => `Ban ${name}`,
  removeTitle: (name: string) => `Remove ${name}`,
  muteText: "They can read, but not write, react or change their name.",
  removeText: "They are disconnected. They can come back if the room lets them in.",
  banText: "They are disconnected and cannot come back.",
  howLong: "For how long",
  untilLifted: "Until lifted",
  alsoNetwork: "Also others from this network (24 h at most)",
  banLimits:
    "A ban holds for an identity. Somebody with a new identity on another network can come back. Then it helps to let people in one by one, to set a password, to slow the room down, or to lock it.",
  reason: "Reason (optional, everyone can read it)",
  mute: "Mute",
  ban: "Ban",
  remove: "Remove",
  mutedAndBanned: "Muted and banned",
  nobodyRestricted: "Nobody is muted or banned.",
  mutedUntil: (until: string) => (until === "" ? "Muted until lifted" : `Muted until ${until}`),
  bannedUntil: (until: string) => (until === "" ? "Banned until lifted" : `Banned until ${until}`),
  andNetwork: "and the network",
  unmuteName: (name: string) => `Unmute ${name}`,
  unbanName: (name: string) => `Lift the ban on ${name}`,

  // Settings of the room
  roomSettings: "Room settings",
  aboutRoom: "About this room",
  title: "Title",
  topic: "Topic",
  topicHint: "Shown under the title",
  saved: "Saved",
  whoEnters: "Who may enter",
  entries: {
    open: "Anyone with the link",
    password: "Anyone with the link and the password",
    knock: "People whom moderators let in",
  } satisfies Record<Entry, string>,
  newPassword: "New password",
  setPassword: "Set password",
  changePassword: "Change password",
  passwordHint: "People who are in the room now stay. Tell the password to those whom you invite.",
  passwordSet: "Password set",
  slowMode: "Slow mode",
  off: "Off",
  readOnly: "Read-only",
  readOnlyHint: "Only moderators can write",
  lock: "Lock",
  lockHint: "Nobody new can enter",
  newOwnerLink: "New owner link",
  newOwnerLinkText:
    "The present owner link stops working, and all other owners become regular members. This device gets the new link.",
  makeOwnerLink: "Make a new link",
  wipe: "Delete all messages",
  wipeText: (room: string) =>
    `All messages in ${room} are deleted for everyone, and nobody can restore them. People, roles, bans and settings stay.`,
  wiped: "All messages were deleted",
  close: "Close the room",
  closeText: (room: string) =>
    `Everyone but the owners leaves ${room}, and nobody else can read it or enter. The name stays taken. You can open the room again.`,
  closed: "The room is closed",
  dangerous: "For everyone in the room",
  summary: {
    entry: {
      open: "Anyone with the link can enter.",
      password: "Anyone with the link and the password can enter.",
      knock: "Moderators let people in one by one.",
    } satisfies Record<Entry, string>,
    slowMode: (time: string) => `Slow mode: one message every ${time} for each person.`,
    readOnly: "Read-only: only owners and moderators can write.",
    locked: "Locked: nobody new can enter.",
    closed: "Closed: only owners can enter.",
    free: "Everyone in the room can write.",
    sentence: (text: string) => `${text}.`,
    role: (role: Role) =>
      ({ owner: "You are an owner.", moderator: "You are a moderator.", member: "" })[role],
  },
  staff: "Owners and moderators",
};

export type ModerationTexts = typeof moderationEn;
