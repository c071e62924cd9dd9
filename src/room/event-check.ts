/** EventCheck: whether a room can have made the event of an imported file. Pure. */
import * as v from "valibot";
import {
  ClaimRequest,
  cleanName,
  count,
  Emoji,
  type FileInfo,
  fileAddresses,
  LogCommand,
  MAX_EMOJI_PER_MESSAGE,
  MAX_FILE_BYTES,
  MAX_FILE_NAME_BYTES,
  MAX_PIXELS,
  MAX_REACTIONS_PER_MESSAGE,
  type Message,
  ownText,
  type RoomEvent,
  singleLine,
} from "../protocol/index.ts";

/** Replaces the id of a command: a file has none. */
const ID = "import";
/** Longest time that the clock of the exporting server may be ahead, ms. */
const MAX_AHEAD_MS = 24 * 3_600_000;
/** Clean names in memory: few users write most of a log. */
const MAX_NAMES = 1_000;
/** Address of a file, in UTF-16 units. */
const MAX_ADDRESS_LENGTH = 2_000;

/** Fields of a file that the server decides. The other fields are checked as in a command. */
const StoredFile = v.object({
  type: v.pipe(v.string(), v.regex(/^[\w.+-]{1,100}\/[\w.+-]{1,100}$/, "type is not a media type")),
  bytes: count("bytes", 0, MAX_FILE_BYTES),
  name: v.exactOptional(singleLine("name", MAX_FILE_NAME_BYTES)),
  w: v.exactOptional(count("w", 1, MAX_PIXELS)),
  h: v.exactOptional(count("h", 1, MAX_PIXELS)),
});

export class EventCheck {
  readonly #latest: number;
  readonly #cleanNames = new Set<string>();

  /** @param now - Unix ms */
  constructor(now: number) {
    this.#latest = now + MAX_AHEAD_MS;
  }

  /** Returns what is wrong with an event, or `null`. Messages have all changes applied. */
  wrong(event: RoomEvent): string | null {
    const { seq, at, user, name } = event;
    if (!this.#isTime(at)) return "at is no time, or in the future";
    if (!isUser(user)) return "user is not a user id";
    if (!this.#isCleanName(name)) return "name is not a name that a room allows";
    if ("member" in event && event.memberName !== undefined && !this.#isCleanName(event.memberName))
      return "memberName is not a name that a room allows";
    if ("target" in event && event.target >= seq) return "target is not the seq of an earlier event";
    switch (event.type) {
      case "message":
        return this.#wrongMessage(event);
      case "edit":
        // A later deletion erases the text.
        if (event.text === "") return null;
        return (
          wrongAddresses(event) ?? invalid(LogCommand, { ...event, id: ID, text: textOf(event, event.files) })
        );
      case "claim":
        return invalid(ClaimRequest, event);
      case "import":
        return invalid(count("messages", 0, Number.MAX_SAFE_INTEGER), event.messages);
      case "owner":
        // The event does not have the secret of the command.
        return null;
      default:
        return invalid(LogCommand, { ...event, id: ID });
    }
  }

  #wrongMessage(message: Message): string | null {
    const { seq, text, reply, edited, deleted, moderated, reactions = {}, files } = message;
    if (reply !== undefined && reply >= seq) return "reply is not the seq of an earlier event";
    if (edited !== undefined && !this.#isTime(edited)) return "edited is no time, or in the future";
    if (moderated && !deleted) return "moderated is only for a deleted message";
    if (deleted && (text !== "" || files !== undefined)) return "a deleted message has no text and no files";
    const reason = wrongReactions(reactions) ?? wrongAddresses(message) ?? wrongFiles(files);
    if (reason !== null) return reason;
    // The text of a deleted message is empty, which no command may send.
    const own = deleted ? "." : textOf(message, files?.length);
    return invalid(LogCommand, { ...message, type: "send", id: ID, text: own });
  }

  #isTime(at: number): boolean {
    return Number.isSafeInteger(at) && at >= 0 && at <= this.#latest;
  }

  #isCleanName(name: string): boolean {
    if (this.#cleanNames.has(name)) return true;
    if (name === "" || cleanName(name) !== name) return false;
    if (this.#cleanNames.size >= MAX_NAMES) this.#cleanNames.clear();
    this.#cleanNames.add(name);
    return true;
  }
}

function isUser(user: string): boolean {
  return /^[a-z2-7]{10}$/.test(user);
}

/** Returns the own text of the author; `"."` for a message of files alone, which has none. */
function textOf(event: Parameters<typeof ownText>[0], files: number | undefined): string {
  const own = ownText(event);
  return own === "" && files !== undefined && files > 0 ? "." : own;
}

function wrongReactions(reactions: Readonly<Record<string, readonly string[]>>): string | null {
  const lists = Object.values(reactions);
  const users = lists.flat();
  if (lists.length > MAX_EMOJI_PER_MESSAGE || users.length > MAX_REACTIONS_PER_MESSAGE)
    return "the message has too many reactions";
  if (!users.every(isUser) || lists.some((list) => list.length === 0 || new Set(list).size < list.length))
    return "reactions do not list different user ids";
  const isEmoji = Object.keys(reactions).every((emoji) => invalid(Emoji, emoji) === null);
  return isEmoji ? null : "a reaction is not one emoji";
}

function wrongFiles(files: readonly FileInfo[] = []): string | null {
  return files.map((file) => invalid(StoredFile, file)).find((reason) => reason !== null) ?? null;
}

function wrongAddresses(event: Parameters<typeof ownText>[0]): string | null {
  const { files = 0 } = event;
  const addresses = fileAddresses(event);
  const isWhole = addresses.length === (typeof files === "number" ? files : files.length);
  const isValid = isWhole && addresses.every((address) => isAddress(address));
  return isValid ? null : "the text does not end with the addresses of the files";
}

function isAddress(text: string): boolean {
  return text.length <= MAX_ADDRESS_LENGTH && /^https?:\/\/[!-~]+$/.test(text) && URL.canParse(text);
}

/** Returns why `value` is not valid, or `null`. */
function invalid(schema: v.GenericSchema, value: unknown): string | null {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  return parsed.success ? null : parsed.issues[0].message;
}
