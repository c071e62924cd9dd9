/** The pinned message of a room, requested over HTTP if it is older than the loaded ones. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import * as v from "valibot";
import type { TimelineMessage } from "../../client/index.ts";
import { Message } from "../../protocol/events.ts";
import { identityKey } from "../storage/settings.ts";
import type { OpenRoom } from "./open-room.ts";
import { findMessage } from "./rows.ts";

/** PinnedMessage is what is shown of it. */
export type PinnedMessage = Pick<TimelineMessage, "seq" | "user" | "name" | "text" | "files">;

const Page = v.object({ events: v.array(v.pick(Message, ["seq", "user", "name", "text", "files"])) });

/** Returns the pinned message, `null` if there is none or it is not known yet, and a function that ends the requests. */
export function watchPinned(room: OpenRoom): readonly [ReadonlySignal<PinnedMessage | null>, () => void] {
  const seq = computed(() => room.membership.settings.value.pinned);
  const loaded = computed(() => {
    const { items } = room.state.value.timeline;
    return seq.value === undefined ? undefined : findMessage(items, seq.value);
  });
  const requested = signal<PinnedMessage | null>(null);
  const request = async (wanted: number): Promise<void> => {
    const found = await requestMessage(room.name, wanted).catch(() => null);
    if (found !== null && seq.peek() === wanted) requested.value = found;
  };
  const isMissing = computed(() => loaded.value === undefined && !room.fromCache.value);
  const stopEffect = effect(() => {
    if (isMissing.value && seq.value !== undefined) void request(seq.value);
  });
  // The timeline has no message that an edit of an older one could change.
  const stopEvents = room.onEvent((event) => {
    if (event.type === "edit" && event.target === seq.peek() && isMissing.peek()) void request(event.target);
  });
  const pinned = computed(() => {
    if (seq.value === undefined) return null;
    const older = requested.value?.seq === seq.value ? requested.value : null;
    return loaded.value ?? older;
  });
  return [
    pinned,
    () => {
      stopEffect();
      stopEvents();
    },
  ];
}

async function requestMessage(room: string, seq: number): Promise<PinnedMessage | null> {
  const query = new URLSearchParams({ before: String(seq + 1), limit: "1" });
  const response = await fetch(`/api/rooms/${encodeURIComponent(room)}/messages?${query}`, {
    headers: { Authorization: `Bearer ${identityKey()}` },
  });
  if (!response.ok) return null;
  const page = v.safeParse(Page, await response.json());
  return (page.success ? page.output.events.find((message) => message.seq === seq) : undefined) ?? null;
}
