/** TestFiles: uploaded files in memory, as a room looks them up. */
import { accept, type Result } from "../../src/protocol/index.ts";
import type { FileLookup, StoredFile } from "../../src/room/message-files.ts";

export class TestFiles implements FileLookup {
  /** Ids of the files that messages have, in the order in which the room told of them. */
  readonly sent: string[] = [];
  readonly #files = new Map<string, { readonly user: string; readonly file: StoredFile }>();
  #waiting: (() => void)[] = [];
  #isPaused = false;

  /** Adds a file of `user`. Its id is the letter 22 times. */
  upload(user: string, letter: string): StoredFile {
    const id = letter.repeat(22);
    const address = `https://chat.example/api/rooms/test/files/${id}`;
    const file = { id, type: "image/png", bytes: 9, name: `${letter}.png`, w: 2, h: 3, address };
    this.#files.set(id, { user, file });
    return file;
  }

  /** Answers no lookup until `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const answer of this.#waiting.splice(0)) answer();
  }

  describe(
    ids: readonly string[],
    user: string,
    onResult: (result: Result<readonly StoredFile[] | null>) => void,
  ): void {
    this.#waiting.push(() => {
      const found = ids.map((id) => this.#files.get(id)).filter((file) => file?.user === user);
      const files = found.flatMap((entry) => (entry === undefined ? [] : [entry.file]));
      onResult(accept(files.length === ids.length ? files : null));
    });
    if (!this.#isPaused) this.resume();
  }
}
