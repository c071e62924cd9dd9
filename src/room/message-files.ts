/** Message files: adds the files of a command to its event. */
import {
  type EventBody,
  type FileInfo,
  fileAddresses,
  type Message,
  type Result,
  type RoomEvent,
  withAddresses,
} from "../protocol/index.ts";

/** StoredFile is an uploaded file as a message contains it. */
export interface StoredFile extends Omit<FileInfo, "alt" | "blur"> {
  /** Absolute address of its bytes. */
  readonly address: string;
}

/** FileLookup finds the files that a message names. */
export interface FileLookup {
  /**
   * Looks files up, and keeps them from expiring meanwhile. `onResult` gets `null` if a file does not exist, or belongs
   * to another user.
   */
  describe(
    ids: readonly string[],
    user: string,
    onResult: (result: Result<readonly StoredFile[] | null>) => void,
  ): void;
}

type Stamp = "seq" | "at" | "user" | "name" | "id";
/** Content is an event without its place in the log and its author. */
export type Content = RoomEvent extends infer E ? (E extends RoomEvent ? Omit<E, Stamp> : never) : never;

/**
 * Returns the content of the event of `body`. The addresses of its files follow the own text, for clients that do not
 * support files.
 *
 * @param stored - the files of a message, in any order
 * @param find - returns the message with a seq
 */
export function contentOf(
  body: EventBody,
  stored: readonly StoredFile[],
  find: (seq: number) => Message | null,
): Content {
  switch (body.type) {
    case "message": {
      const { files: sent, ...rest } = body;
      if (sent === undefined) return rest;
      const files: FileInfo[] = [];
      const addresses: string[] = [];
      for (const { id, ...described } of sent) {
        const found = stored.find((file) => file.id === id);
        if (found === undefined) throw new Error("a file of a message was not looked up");
        const { address, ...info } = found;
        files.push({ ...info, ...described });
        addresses.push(address);
      }
      return { ...rest, text: withAddresses(body.text, addresses), files };
    }
    case "edit": {
      const target = find(body.target);
      const addresses = target === null ? [] : fileAddresses(target);
      if (addresses.length === 0) return body;
      return { ...body, text: withAddresses(body.text, addresses), files: addresses.length };
    }
    default:
      return body;
  }
}
