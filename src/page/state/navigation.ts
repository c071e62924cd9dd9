/** The room that the page's address names: opened, and left when the address changes. */
import { effect, signal } from "@preact/signals";
import { DEFAULT_ROOM, roomPath } from "../../protocol/room-name.ts";
import { type TabSlot, takeTabSlot } from "../storage/tab-slot.ts";
import { visit } from "../storage/visits.ts";
import { OpenRoom } from "./open-room.ts";
import { roomOf } from "./room-names.ts";

/** The open room. */
export const openRoom = signal<OpenRoom | null>(null);

let slot: TabSlot | null = null;

/** Opens the room of the page's address, now and whenever the address changes. */
export async function startNavigation(): Promise<void> {
  const follow = (): Promise<void> => enter(roomOf(location.pathname) ?? DEFAULT_ROOM);
  addEventListener("popstate", () => void follow());
  await follow();
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

/** Opens the room `name`, at the message `seq` if there is one, and changes the address. */
export async function goToRoom(name: string, seq: number | null = null): Promise<void> {
  const room = openRoom.peek();
  const isOpen = name === room?.name;
  if (isOpen && seq === null) return;
  history.pushState(null, "", roomPath(name) + (seq === null ? "" : `#${seq}`));
  if (isOpen) room.jumpTo.value = seq;
  else await enter(name);
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
