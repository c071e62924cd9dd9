/** The room that the page's address names: opened, and left when the address changes. */
import { effect, signal } from "@preact/signals";
import { canonicalRoomName, DEFAULT_ROOM, roomPath } from "../../protocol/room-name.ts";
import { type TabSlot, takeTabSlot } from "../storage/tab-slot.ts";
import { visit } from "../storage/visits.ts";
import { OpenRoom } from "./open-room.ts";

/** The open room. */
export const openRoom = signal<OpenRoom | null>(null);

let slot: TabSlot | null = null;

/** Returns the canonical name of the room whose page has the path `path`. */
export function roomOf(path: string): string {
  const segment = /^\/r\/([^/]+)$/.exec(path)?.[1];
  return (segment === undefined ? null : canonicalRoomName(segment)) ?? DEFAULT_ROOM;
}

/** Opens the room of the page's address, now and whenever the address changes. */
export async function startNavigation(): Promise<void> {
  addEventListener("popstate", () => void enter(roomOf(location.pathname)));
  await enter(roomOf(location.pathname));
}

/** Resolves once the room has answered or could not be reached. */
export function firstAnswer(): Promise<void> {
  let stop = (): void => undefined;
  const answered = new Promise<void>((done) => {
    stop = effect(() => {
      const connection = openRoom.value?.state.value.connection ?? "idle";
      if (connection !== "idle" && connection !== "connecting") done();
    });
  });
  return answered.finally(() => stop());
}

/** Opens the room `name` and changes the address, without loading the page again. */
export async function goToRoom(name: string): Promise<void> {
  if (name === openRoom.peek()?.name) return;
  history.pushState(null, "", roomPath(name));
  await enter(name);
}

async function enter(name: string): Promise<void> {
  if (openRoom.peek()?.name === name) return;
  openRoom.peek()?.close();
  slot?.release();
  slot = await takeTabSlot(name);
  const opened = new OpenRoom(name, slot);
  visit(name);
  openRoom.value = opened;
  opened.client.connect();
}
