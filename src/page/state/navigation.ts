/** The room that the page's address names: opened, and left when the address changes. */
import { effect, signal } from "@preact/signals";
import * as v from "valibot";
import { DEFAULT_ROOM, roomOfPath, roomPath } from "../../protocol/room-name.ts";
import { takeOwnerLink } from "../storage/room-secrets.ts";
import { onOtherIdentity, replaceIdentity } from "../storage/settings.ts";
import { type TabSlot, takeTabSlot } from "../storage/tab-slot.ts";
import { forgetOwnUsers, visit, visits } from "../storage/visits.ts";
import { offeredIdentity, takeOfferedIdentity } from "./offered-identity.ts";
import { type Claim, OpenRoom } from "./open-room.ts";
import { seqOf } from "./room-names.ts";
import { dialog } from "./ui.ts";

/** State of the history entry that shows the welcome. */
const WELCOME = { view: "welcome" } as const;
const WelcomeEntry = v.object({ view: v.literal(WELCOME.view) });

/** The open room; `null` while the page shows the welcome. */
export const openRoom = signal<OpenRoom | null>(null);

let slot: TabSlot | null = null;
/** The room of the page's address, which may still be opening; `null` for the welcome. */
let wanted: string | null = null;
/** Settles when the wanted room is open. Rooms are opened one after the other. */
let opening = Promise.resolve();

/** Opens the room of the page's address or the welcome, now and whenever the address changes. */
export async function startNavigation(): Promise<void> {
  addEventListener("popstate", () => void follow());
  onOtherIdentity(() => void reopen());
  await follow();
}

async function follow(): Promise<void> {
  const again = takeOwnerLink();
  takeOfferedIdentity();
  if (offeredIdentity.peek() !== null) {
    dialog.value = null;
    return;
  }
  await show(again);
}

/** Shows what the address stands for. */
async function show(again = false): Promise<void> {
  if (!isWelcome()) return enter(roomOfPath(location.pathname) ?? DEFAULT_ROOM, { again });
  history.replaceState(WELCOME, "");
  return enter(null);
}

/** Uses the offered identity from now on if it is accepted, then shows the room of the address. */
export async function answerOffer(isAccepted: boolean): Promise<void> {
  const offer = offeredIdentity.peek();
  if (offer === null) return;
  if (isAccepted) {
    replaceIdentity(offer.key, offer.name);
    forgetOwnUsers();
    await enter(null);
  }
  await show();
  offeredIdentity.value = null;
}

/** Opens the open room again, with the current identity and name. */
export async function reopen(): Promise<void> {
  if (wanted !== null) await enter(wanted, { again: true });
}

/** The first visit at `/` shows the welcome, and so does going back to it. */
function isWelcome(): boolean {
  if (location.pathname !== "/" || seqOf(location) !== null) return false;
  return visits.peek().length === 0 || v.is(WelcomeEntry, history.state);
}

/** Resolves once the room has answered or could not be reached, or if no room is open. */
export function firstAnswer(): Promise<void> {
  let stop = (): void => undefined;
  const answered = new Promise<void>((done) => {
    stop = effect(() => {
      const connection = openRoom.value?.state.value.connection;
      if (connection !== "idle" && connection !== "connecting") done();
    });
  });
  return answered.finally(() => stop());
}

/** Returns the room of the page's address, open or not yet; `null` for the welcome. */
export function wantedRoom(): string | null {
  return wanted;
}

/** Creates the room `name` with the user as its owner, whose secret is the offered one, and changes the address. */
export async function createRoom(name: string, claim: Claim): Promise<void> {
  if (name !== wanted) history.pushState(null, "", roomPath(name));
  await enter(name, { again: true, claim });
}

/** Opens the room `name`, at the message `seq` if there is one, and changes the address. */
export async function goToRoom(name: string, seq: number | null = null): Promise<void> {
  const isWanted = name === wanted;
  if (isWanted && seq === null) return;
  history.pushState(null, "", roomPath(name) + (seq === null ? "" : `#${seq}`));
  await enter(name);
  const room = openRoom.peek();
  if (isWanted && room?.name === name) room.jumpTo.value = seq;
}

interface Opening {
  /** Opens the room again if it is open. */
  readonly again?: boolean;
  readonly claim?: Claim;
}

/** Opens the room `name`; `null` leaves the open room and shows the welcome. */
function enter(name: string | null, how: Opening = {}): Promise<void> {
  wanted = name;
  opening = opening.then(() => open(name, how));
  return opening;
}

async function open(name: string | null, { again = false, claim }: Opening): Promise<void> {
  // Another room is wanted by now.
  if (name !== wanted) return;
  if (openRoom.peek()?.name === name && !again) return;
  openRoom.peek()?.close();
  slot?.release();
  slot = null;
  if (name === null) {
    openRoom.value = null;
    dialog.value = null;
    return;
  }
  slot = await takeTabSlot(name);
  const opened = new OpenRoom(name, slot, claim);
  visit(name);
  openRoom.value = opened;
  opened.client.connect();
}
