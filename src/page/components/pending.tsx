/** Messages of one's own that the room has not taken yet: sending, waiting, or refused with the reason. */
import { t } from "../i18n/index.ts";
import { useSession } from "../state/context.ts";
import { secondsUntil } from "../state/now.ts";
import type { PendingSend } from "../state/pending.ts";
import { ownName } from "../state/settings.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";
import { MessageText } from "./message-text.tsx";
import { Person } from "./person.tsx";
import { Quote } from "./quote.tsx";

/** PendingList is silent for screen readers: they hear the message once it is in the room. */
export function PendingList() {
  const { pending } = useSession();
  return (
    <div class="pending-list" aria-live="off">
      {pending.value.map((send, index) => (
        <PendingMessage key={send.id} send={send} first={index === 0} />
      ))}
      <RefusedChanges />
    </div>
  );
}

function PendingMessage({ send, first }: { readonly send: PendingSend; readonly first: boolean }) {
  const session = useSession();
  const { you } = session.state.value;
  const user = you?.user ?? "";
  const name = you?.name ?? ownName.value;
  return (
    <article class={first ? "message first pending" : "message pending"} data-row="" tabIndex={-1}>
      {send.reply !== undefined && <Quote seq={send.reply} quoted={session.message(send.reply)} />}
      <div class="message-side">{first && <Avatar user={user} name={name} />}</div>
      <div class="message-main">
        {first && (
          <p class="message-head">
            <Person user={user} name={name} />
          </p>
        )}
        <div class="message-text">
          <MessageText text={send.text} />
        </div>
        <Delivery send={send} />
      </div>
    </article>
  );
}

function Delivery({ send }: { readonly send: PendingSend }) {
  const { client, composer, state } = useSession();
  const { entry, id } = send;
  if (entry.status === "failed") {
    return (
      <p class="delivery failed" role="alert">
        <Icon name="alert" />
        <span>
          {t.value.notSent} {entry.error?.message}
        </span>
        <button type="button" class="text-button" onClick={() => client.retry(id)}>
          {t.value.retry}
        </button>
        <button
          type="button"
          class="text-button"
          onClick={() => {
            client.discard(id);
            composer.takeBack(send.text);
          }}
        >
          {t.value.editAgain}
        </button>
        <button type="button" class="text-button" onClick={() => client.discard(id)}>
          {t.value.discard}
        </button>
      </p>
    );
  }
  if (entry.retryAt !== undefined)
    return <p class="delivery">{t.value.sendingIn(secondsUntil(entry.retryAt))}</p>;
  return (
    <p class="delivery">{state.value.connection === "online" ? t.value.sending : t.value.waitingToSend}</p>
  );
}

/** Changes of old messages that the room refused; the messages stand as they were. */
function RefusedChanges() {
  const { client, state } = useSession();
  return state.value.outbox
    .filter(({ kind, status }) => kind !== "send" && status === "failed")
    .map(({ id, error }) => (
      <p class="delivery failed" role="alert" key={id}>
        <Icon name="alert" />
        <span>
          {t.value.notSaved} {error?.message}
        </span>
        <button type="button" class="text-button" onClick={() => client.retry(id)}>
          {t.value.retry}
        </button>
        <button type="button" class="text-button" onClick={() => client.discard(id)}>
          {t.value.discard}
        </button>
      </p>
    ));
}
