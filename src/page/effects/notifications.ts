/** Notifications and their sound, if the user has switched them on. */
import type { Message } from "../../protocol/events.ts";
import { goToRoom } from "../state/navigation.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { roomAddress, roomTitle, seqOf } from "../state/room-names.ts";
import { settings } from "../storage/settings.ts";
import { slotLock } from "../storage/tab-slot.ts";
import { mentions } from "../text/mentions.ts";
import { isRoomFocused, startTabFocus } from "./tab-focus.ts";

/** Characters of a message in a notification. */
const MAX_LENGTH = 200;
/** Time in which every tab has received a message, ms. */
const CLAIM_MS = 60_000;

/** Asks for the permission to notify unless it was given. Returns whether it is given. */
export async function allowNotifications(): Promise<boolean> {
  if (!("Notification" in globalThis)) return false;
  if (Notification.permission === "granted") return true;
  return (await Notification.requestPermission()) === "granted";
}

/** Returns whether the browser denies notifications without asking. */
export function notificationsBlocked(): boolean {
  return !("Notification" in globalThis) || Notification.permission === "denied";
}

/** Notifies of messages in `room` while none of its tabs has the focus. Returns a function that ends this. */
export function startNotifications(room: OpenRoom): () => void {
  const stopTabFocus = startTabFocus(room.name);
  const stop = room.onEvent((event) => {
    if (event.type !== "message" || event.user === room.you.peek()) return;
    void notifyIfWanted(room.name, event, mentions(event.text, room.ownName.peek()));
  });
  // The service worker sends the address of a clicked notification.
  const clicked = ({ data }: MessageEvent<unknown>): void => {
    if (typeof data === "string" && URL.canParse(data)) room.jumpTo.value = seqOf(new URL(data));
  };
  navigator.serviceWorker?.addEventListener("message", clicked);
  return () => {
    stop();
    stopTabFocus();
    navigator.serviceWorker?.removeEventListener("message", clicked);
  };
}

/** Notifies of a message in a room that is not open in this tab. Another tab that has it open does so itself. */
export async function notifyOf(room: string, message: Message, isMention: boolean): Promise<void> {
  const { held = [] } = "locks" in navigator ? await navigator.locks.query() : {};
  if (!held.some(({ name }) => name?.startsWith(slotLock(room, ""))))
    await notifyIfWanted(room, message, isMention);
}

async function notifyIfWanted(room: string, message: Message, isMention: boolean): Promise<void> {
  const { notify: wanted, muted, sound, hidden } = settings.peek();
  if (hidden.includes(message.user)) return;
  if (muted.includes(room) || wanted === "none" || (wanted === "mentions" && !isMention)) return;
  if ((await isRoomFocused(room)) || !(await claim(room, message.seq))) return;
  void notify(room, message);
  if (sound) playSound();
}

/** Returns whether this tab, of all tabs of `room`, should notify of the message `seq`: the first that asks. */
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

async function notify(name: string, event: Message): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  const options: NotificationOptions = {
    body: event.text.slice(0, MAX_LENGTH),
    // One notification for a message, even if two tabs show it.
    tag: `${name}#${event.seq}`,
    icon: "/icons/icon-192.png",
    silent: true,
    data: roomAddress(name, event.seq),
  };
  const title = `${event.name} · ${roomTitle(name)}`;
  const registration = await navigator.serviceWorker?.getRegistration();
  // Phones allow notifications by the service worker only.
  if (registration !== undefined) await registration.showNotification(title, options);
  else {
    const notification = new Notification(title, options);
    notification.onclick = () => {
      window.focus();
      void goToRoom(name, event.seq);
    };
  }
}

/** Plays a short, soft tone, made here so that no file must be loaded. */
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
