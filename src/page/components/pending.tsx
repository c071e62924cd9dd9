/** Own messages that the room has not accepted yet: sending, waiting, or rejected with the reason. */
import type { OutboxEntry } from "../../client/index.ts";
import { guestName } from "../../protocol/display-name.ts";
import { network } from "../effects/network.ts";
import { t } from "../i18n/index.ts";
import { secondsUntil } from "../i18n/now.ts";
import { useOpenRoom } from "../state/context.ts";
import type { OpenRoom } from "../state/open-room.ts";
import type { PendingSend } from "../state/pending.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";
import { MessageText } from "./message-text.tsx";
import { Person } from "./person.tsx";
import { Quote } from "./quote.tsx";

/** PendingList is not announced by screen readers: they announce a message once it is in the room. */
export function PendingList() {
  const { pending } = useOpenRoom();
  return (
    <div class="pending-list" aria-live="off">
      {pending.value.map((send, index) => (
        <PendingMessage key={send.id} send={send} first={index === 0} />
      ))}
      <RejectedChanges />
    </div>
  );
}

function PendingMessage({ send, first }: { readonly send: PendingSend; readonly first: boolean }) {
  const room = useOpenRoom();
  const user = room.you.value;
  const name = room.ownName.value || guestName(user);
  return (
    <article class={first ? "message first pending" : "message pending"} data-row={send.id} tabIndex={-1}>
      {send.reply !== undefined && <Quote seq={send.reply} quoted={room.message(send.reply)} />}
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
  const { composer, state } = useOpenRoom();
  const { entry } = send;
  if (entry.status === "failed") {
    const edit = (): void => composer.takeBack(send);
    return <Rejected entry={entry} what={t.value.notSent} onEdit={edit} />;
  }
  if (entry.retryAt !== undefined)
    return <p class="delivery">{t.value.sendingIn(secondsUntil(entry.retryAt))}</p>;
  const canSend = state.value.connection === "online" && network.value !== "offline";
  return <p class="delivery">{canSend ? t.value.sending : t.value.waitingToSend}</p>;
}

/** Changes of old messages that the room rejected. The messages are shown unchanged. */
function RejectedChanges() {
  const room = useOpenRoom();
  return room.state.value.outbox
    .filter(({ kind, status }) => kind !== "send" && status === "failed")
    .map((entry) => (
      <Rejected key={entry.id} entry={entry} what={t.value.notSaved} onEdit={editAgain(room, entry)} />
    ));
}

/** Returns a function that moves a rejected edit back into the field; `undefined` for other changes. */
function editAgain(room: OpenRoom, { command, id }: OutboxEntry) {
  if (command.type !== "edit") return undefined;
  return (): void => {
    const seq = command.target;
    room.composer.edit({ seq, text: room.message(seq)?.text ?? "" }, command.text);
    room.client.discard(id);
  };
}

interface RejectedProps {
  readonly entry: OutboxEntry;
  readonly what: string;
  /** Moves the text back into the field; `undefined` if there is no text to edit. */
  readonly onEdit: (() => void) | undefined;
}

/** A rejected command: the reason, and buttons to retry, edit or discard. */
function Rejected({ entry, what, onEdit }: RejectedProps) {
  const { client, composer } = useOpenRoom();
  const { error, id } = entry;
  // The buttons disappear, so the focus moves to the log.
  const toLog = ({ currentTarget }: Event): void => {
    if (currentTarget instanceof Element)
      currentTarget.closest<HTMLElement>("[role=log]")?.focus({ preventScroll: true });
  };
  return (
    <p class="delivery failed" role="alert">
      <Icon name="alert" />
      <span>
        {what} {error !== undefined && t.value.rejections[error.code]}
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
        {/* Not while another message is being edited in the field. */}
        {onEdit !== undefined && composer.editing.value === null && (
          <button
            type="button"
            class="text-button"
            onClick={() => {
              onEdit();
              composer.focus();
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
