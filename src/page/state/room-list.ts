/** The list of rooms: its order, and what it shows of each room. */
import { computed, signal } from "@preact/signals";
import { settings } from "../storage/settings.ts";
import { drafts } from "../storage/tab-slot.ts";
import { type LastMessage, visits } from "../storage/visits.ts";
import { goToRoom, openRoom, wantedRoom } from "./navigation.ts";
import { keptOrder, orderOf } from "./room-order.ts";

/** While the pointer or the focus is in the list, the rooms stay where they are. */
export const pointerInList = signal(false);
export const focusInList = signal(false);

let shown: readonly string[] = [];

/** The rooms in the order of the list. */
export const roomOrder = computed(() => {
  const wanted = orderOf(visits.value, settings.value.roomOrder);
  shown = pointerInList.value || focusInList.value ? keptOrder(shown, wanted) : wanted;
  return shown;
});

/** Texts that were written and not sent in rooms that are not open, by room. */
const roomDrafts = computed(() => {
  // A draft is complete when its room is left.
  openRoom.value;
  return drafts();
});

/** RoomPreview is what the list shows below the name of a room. */
export interface RoomPreview {
  readonly draft: string | undefined;
  readonly last: LastMessage | undefined;
  /** User id of this browser in the room; each room derives another one. */
  readonly you: string;
}

/** Returns the preview of `room`. Subscribes to it. */
export function previewOf(room: string): RoomPreview {
  const open = openRoom.value;
  const { last, user: you = "" } = visits.value.find((entry) => entry.room === room) ?? {};
  if (open?.name !== room) return { draft: roomDrafts.value.get(room), last, you };
  return { draft: undefined, last: open.lastMessage.value ?? last, you };
}

/** Opens the room `step` places after the open one in the list. */
export function goToNextRoom(step: 1 | -1): void {
  const rooms = roomOrder.peek();
  const next = rooms[rooms.indexOf(wantedRoom() ?? "") + step];
  if (next !== undefined) void goToRoom(next);
}
