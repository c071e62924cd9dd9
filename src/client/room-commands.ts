/** Room commands: the calls that append an event to the room's log. */
import type { LogCommand } from "../protocol/events.ts";
import type { Ack } from "./command-promises.ts";
import type { CallOptions } from "./options.ts";

/** CommandBody is a command without its id. */
export type CommandBody = LogCommand extends infer C ? (C extends LogCommand ? Omit<C, "id"> : never) : never;

/** RoomChanges are settings to change. `newPassword` comes from `newPassword()`. */
export type RoomChanges = Omit<Extract<CommandBody, { type: "settings" }>, "type">;

/** SendOptions are the options of a message. */
export interface SendOptions extends CallOptions {
  /** Seq of the message that this one answers. */
  readonly reply?: number | undefined;
  /** Files from `upload`, in the order of showing. A message with files may have an empty text. */
  readonly files?: readonly SendFile[] | undefined;
  /**
   * Id of the command: 1 to 64 characters of `A-Z a-z 0-9 _ -`. The room remembers it for 5 minutes, so a program that
   * does not know whether it has sent a message sends it again under the same id. Default: a new one.
   */
  readonly id?: string | undefined;
}

/** SendFile is a file of a message, from `upload`. */
export interface SendFile {
  readonly id: string;
  /** Text that describes a picture to users who cannot see it: one line of up to 1,000 bytes. */
  readonly alt?: string | undefined;
  /** ThumbHash of a picture in base64url: its blurred preview. */
  readonly blur?: string | undefined;
}

/** RestrictOptions are the options of a mute or a ban. */
export interface RestrictOptions extends CallOptions {
  /** Milliseconds; 0 lifts the restriction. Default: until it is lifted. */
  readonly duration?: number;
  /** Shown to everyone. */
  readonly reason?: string;
}

/**
 * RoomCommands are calls that resolve once the room has stored their event. They reject with a ChatError; its
 * `cause` says why something is forbidden.
 */
export abstract class RoomCommands {
  /** Sends a message, now or on the next connection. */
  send(text: string, { reply, files, id, ...options }: SendOptions = {}): Promise<Ack> {
    const sent = files?.map(({ id, alt, blur }) => ({ id, ...present({ alt, blur }) }));
    return this.command({ type: "send", text, ...present({ reply, files: sent }) }, options, id);
  }

  /** Changes the text of an own message. Its files stay. */
  edit(target: number, text: string, options: CallOptions = {}): Promise<Ack> {
    return this.command({ type: "edit", target, text }, options);
  }

  /** Deletes an own message; a moderator deletes any. */
  delete(target: number, options: CallOptions = {}): Promise<Ack> {
    return this.command({ type: "delete", target }, options);
  }

  /** Adds a reaction to a message, or removes it. */
  react(target: number, emoji: string, on: boolean, options: CallOptions = {}): Promise<Ack> {
    return this.command({ type: "react", target, emoji, on }, options);
  }

  /** Changes the room's settings. For owners. */
  setRoom(changes: RoomChanges, options: CallOptions = {}): Promise<Ack> {
    return this.command({ type: "settings", ...changes }, options);
  }

  /** Makes a user a moderator, or no longer. For owners. */
  setRole(member: string, role: "moderator" | "member", options: CallOptions = {}): Promise<Ack> {
    return this.command({ type: "role", member, role }, options);
  }

  /** Mutes a user: the user can no longer send, edit or react. For moderators, as the calls below. */
  mute(member: string, { duration, reason, ...options }: RestrictOptions = {}): Promise<Ack> {
    return this.command({ type: "mute", member, ...present({ duration, reason }) }, options);
  }

  /**
   * Disconnects a user and rejects later connections of the user.
   *
   * @param options.network - also bans everyone on the networks that the user is connected from, for a day at most
   */
  ban(
    member: string,
    { duration, reason, network, ...options }: RestrictOptions & { readonly network?: true } = {},
  ): Promise<Ack> {
    return this.command({ type: "ban", member, ...present({ duration, reason, network }) }, options);
  }

  /** Disconnects a user, who may come back if the room admits it. */
  remove(
    member: string,
    { reason, ...options }: CallOptions & { readonly reason?: string } = {},
  ): Promise<Ack> {
    return this.command({ type: "remove", member, ...present({ reason }) }, options);
  }

  /** Lets a waiting user in, or rejects the user. */
  admit(member: string, on: boolean, options: CallOptions = {}): Promise<Ack> {
    return this.command({ type: "admit", member, on }, options);
  }

  /** Pins a message, or unpins it. */
  pin(target: number, on: boolean, options: CallOptions = {}): Promise<Ack> {
    return this.command({ type: "pin", target, on }, options);
  }

  /** Replaces the owner's secret, from `newOwnerSecret`: the other owners become members. For owners. */
  replaceOwner(secret: string, options: CallOptions = {}): Promise<Ack> {
    return this.command({ type: "owner", secret }, options);
  }

  /** Deletes all events of the room. For owners. */
  wipe(options: CallOptions = {}): Promise<Ack> {
    return this.command({ type: "wipe" }, options);
  }

  protected abstract command(body: CommandBody, options: CallOptions, id?: string): Promise<Ack>;
}

/** Returns the fields that are not `undefined`. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
