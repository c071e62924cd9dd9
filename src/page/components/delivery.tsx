/** What becomes of an own message that the room has not accepted yet. */
import { network } from "../effects/network.ts";
import { t } from "../i18n/index.ts";
import { secondsUntil } from "../i18n/now.ts";
import { useOpenRoom } from "../state/context.ts";
import type { PendingSend } from "../state/pending.ts";
import { later } from "./later.tsx";

/** Loaded on demand: most messages are accepted. */
const Rejected = later(async () => (await import("./rejected.tsx")).Rejected);

export function Delivery({ send }: { readonly send: PendingSend }) {
  const { client, composer } = useOpenRoom();
  const { entry, id } = send;
  if (entry?.status === "failed")
    return (
      <Rejected
        error={entry.error}
        what={t.value.notSent}
        onEdit={() => composer.takeBack(send)}
        onRetry={() => client.retry(id)}
        onDiscard={() => client.discard(id)}
      />
    );
  return <p class="delivery">{deliveryText(entry?.retryAt)}</p>;
}

/** Returns whether a message is being sent, or what it waits for: the connection, or `retryAt`, Unix ms. */
export function deliveryText(retryAt: number | undefined): string {
  const { state } = useOpenRoom();
  if (retryAt !== undefined) return t.value.sendingIn(secondsUntil(retryAt));
  const canSend = state.value.connection === "online" && network.value !== "offline";
  return canSend ? t.value.sending : t.value.waitingToSend;
}
