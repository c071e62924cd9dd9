/** Notifications and their sound, if the user has switched them on. */
import type { Member } from "../../client/index.ts";
import type { Message } from "../../protocol/events.ts";
import { ownText } from "../../protocol/files.ts";
import { filesText } from "../i18n/files-text.ts";
import { m } from "../i18n/moderation.ts";
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
    void notifyIfWanted(room.name, event, mentions(ownText(event), room.ownName.peek()));
  });
  let known: ReadonlySet<string> = new Set();
  const stopKnocks = room.state.subscribe(({ waiting }) => {
    for (const person of waiting) if (!known.has(person.user)) void notifyOfKnock(room.name, person);
    known = new Set(waiting.map(({ user }) => user));
  });
  // The service worker sends the address of a clicked notification.
  const clicked = ({ data }: MessageEvent<unknown>): void => {
    if (typeof data === "string" && URL.canParse(data)) room.jumpTo.value = seqOf(new URL(data));
  };
  navigator.serviceWorker?.addEventListener("message", clicked);
  return () => {
    stop();
    stopKnocks();
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
  const { notify: wanted, hidden } = settings.peek();
  if (hidden.includes(message.user) || (wanted === "mentions" && !isMention)) return;
  await notifyOnce(room, {
    tag: `${room}#${message.seq}`,
    title: `${message.name} · ${roomTitle(room)}`,
    body: (ownText(message) || filesText(message.files ?? [])).slice(0, MAX_LENGTH),
    seq: message.seq,
  });
}

/** Notifies of a person who waits to be let in. */
function notifyOfKnock(room: string, { user, name }: Member): Promise<void> {
  const title = m.peek().knockTitle(roomTitle(room));
  return notifyOnce(room, { tag: `${room}#knock-${user}`, title, body: m.peek().wantsIn(name), seq: null });
}

interface Content {
  /** The same for each tab that could notify of it. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  /** The message that a click leads to, or `null` for the room. */
  readonly seq: number | null;
}

/** Notifies unless notifications are off or the user looks at the room. Only one of several tabs does. */
async function notifyOnce(room: string, content: Content): Promise<void> {
  const { notify: wanted, muted, sound } = settings.peek();
  if (muted.includes(room) || wanted === "none") return;
  if ((await isRoomFocused(room)) || !(await claim(content.tag))) return;
  void notify(room, content);
  if (sound) playSound();
}

/** Returns whether this tab, of all tabs, should notify with `tag`: the first that asks. */
function claim(tag: string): Promise<boolean> {
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((done) => {
    navigator.locks
      .request(`edge-chat:notify:${tag}`, { ifAvailable: true }, (lock) => {
        done(lock !== null);
        return lock === null ? undefined : new Promise((end) => setTimeout(end, CLAIM_MS));
      })
      .catch(() => done(true));
  });
}

async function notify(room: string, { tag, title, body, seq }: Content): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  const options: NotificationOptions = {
    body,
    // One notification for a message, even if two tabs show it.
    tag,
    icon: "/icons/icon-192.png",
    silent: true,
    data: roomAddress(room, seq ?? undefined),
  };
  const registration = await navigator.serviceWorker?.getRegistration();
  // Phones allow notifications by the service worker only.
  if (registration !== undefined) await registration.showNotification(title, options);
  else {
    const notification = new Notification(title, options);
    notification.onclick = () => {
      window.focus();
      void goToRoom(room, seq);
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
