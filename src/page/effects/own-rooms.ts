/** Follows what the open room says about an owner secret: keeps a valid one, and reports the others. */
import { effect } from "@preact/signals";
import type { ChatState, Notice, TimelineItem } from "../../client/index.ts";
import { entryTexts } from "../i18n/entry.ts";
import { openRoom, reopen } from "../state/navigation.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { dialog, showToast } from "../state/ui.ts";
import {
  isSecret,
  keepOwnerSecret,
  offeredSecret,
  offerSecret,
  ownerSecret,
} from "../storage/room-secrets.ts";

/** Call once. */
export function startOwnRooms(): void {
  effect(() => {
    const room = openRoom.value;
    return room === null ? undefined : followRoom(room);
  });
}

function followRoom(room: OpenRoom): () => void {
  const stopErrors = effect(() => {
    const { cause } = room.error.value ?? {};
    if (cause === "claimed") void nameIsTaken(room.name);
    if (cause === "owner_secret") secretIsInvalid(room.name);
  });
  const stopState = effect(() => {
    const state = room.state.value;
    const offer = offeredSecret(room.name);
    if (offer === null) return;
    if (!isSecret(offer)) secretIsInvalid(room.name);
    else if (state.role === "owner") keepOffer(room, offer, state);
  });
  return () => {
    stopErrors();
    stopState();
  };
}

async function nameIsTaken(room: string): Promise<void> {
  offerSecret(room, null);
  // Each connection would claim the room again.
  await reopen();
  dialog.value = { type: "new-room", taken: room };
}

function secretIsInvalid(room: string): void {
  const hasOffer = offeredSecret(room) !== null;
  if (!hasOffer && ownerSecret(room) === null) return;
  if (hasOffer) offerSecret(room, null);
  else keepOwnerSecret(room, null);
  showToast(entryTexts.peek().ownerLinkInvalid);
}

/** The room does not check the secret of a user who is an owner already: it may be a wrong one. */
function keepOffer(room: OpenRoom, offer: string, state: ChatState): void {
  const claim = claimOf(room, state);
  offerSecret(room.name, null);
  if (claim === undefined && ownerSecret(room.name) !== null) return;
  keepOwnerSecret(room.name, offer);
  // The first event of a room creates it.
  if (claim?.seq !== 1) showToast(entryTexts.peek().isOwner);
}

/** Returns the event by which the user has become an owner since the room was opened. */
function claimOf({ openedAt }: OpenRoom, { you, timeline, clockOffset }: ChatState): Notice | undefined {
  const isOwn = (item: TimelineItem): item is Notice =>
    item.type === "claim" && item.user === you?.user && item.at >= openedAt + clockOffset;
  return timeline.items.findLast(isOwn);
}
