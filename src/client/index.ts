/** The client library of a chat room: see README.md beside this file. */
export type { Cause, CommandError, ErrorCode } from "../protocol/errors.ts";
export type { LogCommand, RoomEvent } from "../protocol/events.ts";
export { type FileInfo, ownText } from "../protocol/files.ts";
export type { Entry, Notice, Role } from "../protocol/notices.ts";
export type { Retention } from "../protocol/retention.ts";
export type { RestrictedPerson, Restriction, RoomState, RoomTeaser } from "../protocol/room-state.ts";
export type { ErrorLine, Member, WelcomeLine } from "../protocol/server-lines.ts";
export { ChatClient } from "./chat-client.ts";
export { ChatError } from "./chat-error.ts";
export type { Ack } from "./command-promises.ts";
export type { FileBody, UploadedFile, UploadOptions } from "./files.ts";
export type {
  CallOptions,
  ChatClientOptions,
  FollowLogOptions,
  PageOptions,
  SearchOptions,
} from "./options.ts";
export type { OutboxEntry } from "./outbox-entry.ts";
export type {
  AbortSignalLike,
  BlobLike,
  Clock,
  EventTargetLike,
  FetchLike,
  OutboxStorage,
  WebSocketConstructor,
  WebSocketLike,
} from "./platform.ts";
export type { RestrictOptions, RoomChanges, SendFile, SendOptions } from "./room-commands.ts";
export type { FoundMessages } from "./search-requests.ts";
export { newOwnerSecret, newPassword, passwordProof } from "./secrets.ts";
export type {
  ChatEvents,
  ChatState,
  ConnectError,
  FailedCommand,
  LogGap,
  LogPosition,
  Outside,
  Standing,
} from "./state.ts";
export type { Gap, Timeline, TimelineItem, TimelineMessage } from "./timeline.ts";
