/** Notifications and the sound with them: only where the reader asked for them. */

import type { RoomEvent } from "../../protocol/events.ts";
import { t } from "../i18n/index.ts";
import { mentions } from "../text/inline.ts";
import { seqOf } from "../timeline/jump.ts";
import { isLookedAt, startLooking } from "./looking.ts";
import { roomAddress, roomTitle } from "./room-title.ts";
import type { RoomSession } from "./session.ts";
import { settings } from "./settings.ts";

/** Characters of a message in a notification. */
const SHOWN = 200;
/** Time within which all tabs have heard of a message, or will be late. */
const CLAIM_MS = 60_000;

/** Asks the browser for the right to notify, where it has not been given; returns whether it is. */
export async function allowNotifications(): Promise<boolean> {
  if (!("Notification" in globalThis)) return false;
  if (Notification.permission === "granted") return true;
  return (await Notification.requestPermission()) === "granted";
}

/** Whether the browser refuses notifications without asking anyone. */
export function notificationsBlocked(): boolean {
  return !("Notification" in globalThis) || Notification.permission === "denied";
}

/** Notifies of what happens in `session`'s room while nobody looks; returns what ends that. */
export function startNotifications(session: RoomSession): () => void {
  const stopLooking = startLooking(session.room);
  const stop = session.onEvent(async (event) => {
    if (event.type !== "message" || !wanted(session, event)) return;
    if ((await isLookedAt(session.room)) || !(await claim(session.room, event.seq))) return;
    void notify(session, event);
    if (settings.peek().sound) playSound();
  });
  // The service worker says which notification was clicked, by its address.
  const clicked = ({ data }: MessageEvent<unknown>): void => {
    if (typeof data === "string" && URL.canParse(data)) session.jumpTo.value = seqOf(new URL(data));
  };
  navigator.serviceWorker?.addEventListener("message", clicked);
  return () => {
    stop();
    stopLooking();
    navigator.serviceWorker?.removeEventListener("message", clicked);
  };
}

function wanted(session: RoomSession, event: RoomEvent & { type: "message" }): boolean {
  const { notify, muted } = settings.peek();
  if (notify === "none" || muted.includes(session.room) || event.user === session.you.peek()) return false;
  return notify === "all" || mentions(event.text, session.ownName.peek());
}

/** Whether this tab is the one of all in `room` that tells of the message `seq`: the first that asks. */
function claim(room: string, seq: number): Promise<boolean> {
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((done) => {
    navigator.locks
      .request(`edge-chat:notify:${room}#${seq}`, { ifAvailable: true }, (lock) => {
        done(lock !== null);
        return lock === null ? undefined : new Promise((end) => setTimeout(end, CLAIM_MS));
      })
      .catch(() => done(true));
  });
}

async function notify({ room, jumpTo }: RoomSession, event: RoomEvent & { type: "message" }): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  const options: NotificationOptions = {
    body: event.text.slice(0, SHOWN),
    // The same message in two tabs is one notification.
    tag: `${room}#${event.seq}`,
    icon: "/icons/icon-192.png",
    silent: true,
    data: roomAddress(room, event.seq),
  };
  const title = `${event.name} · ${t.peek().room(roomTitle(room))}`;
  const registration = await navigator.serviceWorker?.getRegistration();
  // Phones notify through the service worker alone.
  if (registration !== undefined) await registration.showNotification(title, options);
  else {
    const notification = new Notification(title, options);
    notification.onclick = () => {
      window.focus();
      jumpTo.value = event.seq;
    };
  }
}

/** A short, soft tone: nothing has to be loaded for it. */
function playSound(): void {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.08, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.25);
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.25);
  tone.onended = () => void context.close();
}
