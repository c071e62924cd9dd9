/** The room that is open, by the page's address. */
import { effect, signal } from "@preact/signals";
import { canonicalRoomName, DEFAULT_ROOM, roomPath } from "../../protocol/room-name.ts";
import { finishDeletions } from "./actions.ts";
import { type Place, takePlace } from "./place.ts";
import { RoomSession } from "./session.ts";
import { visit } from "./visited.ts";

/** The open room's session. */
export const session = signal<RoomSession | null>(null);

let place: Place | null = null;

/** Canonical name of the room that `path` is the page of. */
export function roomOf(path: string): string {
  const segment = /^\/r\/([^/]+)$/.exec(path)?.[1];
  return (segment === undefined ? null : canonicalRoomName(segment)) ?? DEFAULT_ROOM;
}

/** Opens the room of the page's address, and follows that from then on. */
export async function startRooms(): Promise<void> {
  addEventListener("popstate", () => void enter(roomOf(location.pathname)));
  await enter(roomOf(location.pathname));
}

/** Is done once the room has let the page in, or could not be reached. */
export function firstAnswer(): Promise<void> {
  let stop = (): void => undefined;
  const answered = new Promise<void>((done) => {
    stop = effect(() => {
      const connection = session.value?.state.value.connection ?? "idle";
      if (connection !== "idle" && connection !== "connecting") done();
    });
  });
  return answered.finally(() => stop());
}

/** Goes to `room`: the address changes, the page stays. */
export async function openRoom(room: string): Promise<void> {
  if (room === session.peek()?.room) return;
  history.pushState(null, "", roomPath(room));
  await enter(room);
}

async function enter(room: string): Promise<void> {
  if (session.peek()?.room === room) return;
  finishDeletions();
  session.peek()?.close();
  place?.leave();
  place = await takePlace(room);
  const opened = new RoomSession(room, place);
  visit(room);
  session.value = opened;
  opened.client.connect();
}
