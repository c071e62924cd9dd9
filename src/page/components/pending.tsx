/** Messages of one's own that the room has not taken yet: sending, waiting, or refused with the reason. */
import type { OutboxEntry } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { useSession } from "../state/context.ts";
import { secondsUntil } from "../state/now.ts";
import type { PendingSend } from "../state/pending.ts";
import type { RoomSession } from "../state/session.ts";
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
    <article class={first ? "message first pending" : "message pending"} data-row={send.id} tabIndex={-1}>
      {send.reply !== undefined && <Quote seq={send.reply} quoted={session.message(send.reply)} />}
      {first && (
        <>
          <Avatar user={user} name={name} />
          <p class="message-head">
            <Person user={user} name={name} />
          </p>
        </>
      )}
      <div class="message-text">
        <MessageText text={send.text} />
      </div>
      <Delivery send={send} />
    </article>
  );
}

function Delivery({ send }: { readonly send: PendingSend }) {
  const { composer, state } = useSession();
  const { entry } = send;
  if (entry.status === "failed") {
    const edit = (): void => composer.takeBack(send);
    return <Refused entry={entry} what={t.value.notSent} onEdit={edit} />;
  }
  if (entry.retryAt !== undefined)
    return <p class="delivery">{t.value.sendingIn(secondsUntil(entry.retryAt))}</p>;
  return (
    <p class="delivery">{state.value.connection === "online" ? t.value.sending : t.value.waitingToSend}</p>
  );
}

/** Changes of old messages that the room refused; the messages stand as they were. */
function RefusedChanges() {
  const session = useSession();
  return session.state.value.outbox
    .filter(({ kind, status }) => kind !== "send" && status === "failed")
    .map((entry) => (
      <Refused key={entry.id} entry={entry} what={t.value.notSaved} onEdit={editAgain(session, entry)} />
    ));
}

/** What brings a refused change back into the field, where it changed a text. */
function editAgain(session: RoomSession, { command, id }: OutboxEntry) {
  if (command.type !== "edit") return undefined;
  return (): void => {
    const seq = command.target;
    session.composer.edit({ seq, text: session.message(seq)?.text ?? "" }, command.text);
    session.client.discard(id);
  };
}

interface RefusedProps {
  readonly entry: OutboxEntry;
  readonly what: string;
  /** Takes the text back into the field, which then has the focus; where there is none, nothing can be edited. */
  readonly onEdit: (() => void) | undefined;
}

/** What was refused, why, and what can be done about it. */
function Refused({ entry, what, onEdit }: RefusedProps) {
  const { client, composer } = useSession();
  const { error, id } = entry;
  // The buttons go, and the focus must not go with them.
  const toLog = ({ currentTarget }: Event): void => {
    if (currentTarget instanceof Element)
      currentTarget.closest<HTMLElement>("[role=log]")?.focus({ preventScroll: true });
  };
  return (
    <p class="delivery failed" role="alert">
      <Icon name="alert" />
      <span>
        {what} {error !== undefined && t.value.refusals[error.code]}
      </span>
      <span class="delivery-actions">
        <button
          type="button"
          class="text-button"
          onClick={(event) => {
            toLog(event);
            client.retry(id);
          }}
        >
          {t.value.retry}
        </button>
        {/* What is being changed in the field would be in the way. */}
        {onEdit !== undefined && composer.editing.value === null && (
          <button
            type="button"
            class="text-button"
            onClick={() => {
              onEdit();
              composer.focusRequests.value += 1;
            }}
          >
            {t.value.editAgain}
          </button>
        )}
        <button
          type="button"
          class="text-button"
          onClick={(event) => {
            toLog(event);
            client.discard(id);
          }}
        >
          {t.value.discard}
        </button>
      </span>
    </p>
  );
}
