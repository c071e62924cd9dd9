/**
 * Picture sources: the addresses under which the page shows pictures. In a room that everyone can read, the browser
 * loads them. In others they are downloaded with the user's key, and shown from memory.
 */
import { type Signal, signal } from "@preact/signals";
import { ChatError, type FileInfo, type RoomState } from "../../client/index.ts";
import { keepPicture, keptPicture } from "../pictures/kept-pictures.ts";
import type { OpenRoom } from "./open-room.ts";

export type PictureSource =
  | { readonly type: "url"; readonly url: string }
  /** It must be loaded. */
  | { readonly type: "waiting" }
  /** It was deleted. */
  | { readonly type: "gone" }
  | { readonly type: "failed" };

/** Returns whether everyone can read the room: its files need no key. */
export function isReadByAll({ owned, entry, locked, closed }: RoomState): boolean {
  return !owned || (entry === "open" && !locked && !closed);
}

/** PictureSources are those of one room. */
export class PictureSources {
  readonly #room: OpenRoom;
  readonly #sources = new Map<string, Signal<PictureSource>>();
  readonly #loading = new Set<string>();

  constructor(room: OpenRoom) {
    this.#room = room;
    room.state.subscribe(({ connection }) => {
      if (connection !== "online") return;
      for (const [id, source] of this.#sources)
        if (source.peek().type === "failed") source.value = this.#first(id);
    });
  }

  /** Returns the source of a file, the same signal each time. */
  of({ id }: FileInfo): Signal<PictureSource> {
    const known = this.#sources.get(id);
    const source = known ?? signal(this.#first(id));
    this.#sources.set(id, source);
    return source;
  }

  /** Downloads a picture that waits, or that the browser could not load. */
  async load(file: FileInfo): Promise<void> {
    const { id, type } = file;
    const source = this.of(file);
    if (this.#loading.has(id)) return;
    this.#loading.add(id);
    try {
      const bytes = await this.#room.client.download(file);
      source.value = { type: "url", url: keepPicture(id, new Blob([bytes], { type })) };
    } catch (error) {
      const isGone = error instanceof ChatError && error.code === "not_found";
      source.value = { type: isGone ? "gone" : "failed" };
    }
    this.#loading.delete(id);
  }

  #first(id: string): PictureSource {
    const inMemory = keptPicture(id);
    if (inMemory !== undefined) return { type: "url", url: inMemory };
    if (!isReadByAll(this.#room.membership.settings.peek())) return { type: "waiting" };
    return { type: "url", url: this.#room.client.fileUrl({ id }) };
  }
}

const sources = new WeakMap<OpenRoom, PictureSources>();

/** Returns the picture sources of `room`, the same ones each time. */
export function picturesOf(room: OpenRoom): PictureSources {
  const known = sources.get(room) ?? new PictureSources(room);
  sources.set(room, known);
  return known;
}
