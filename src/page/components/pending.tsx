/** Own messages that the room has not accepted yet: sending, waiting, or rejected with the reason. */
import type { OutboxEntry } from "../../client/index.ts";
import { guestName } from "../../protocol/display-name.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import type { OpenRoom } from "../state/open-room.ts";
import type { PendingSend } from "../state/pending.ts";
import { Avatar } from "./avatar.tsx";
import { Delivery } from "./delivery.tsx";
import { later } from "./later.tsx";
import { MessageText } from "./message-text.tsx";
import { Person } from "./person.tsx";
import { Quote } from "./quote.tsx";

/** Loaded on demand: most commands are accepted, and most messages have no files. */
const Rejected = later(async () => (await import("./rejected.tsx")).Rejected);
const PendingFiles = later(async () => (await import("./pending-files.tsx")).PendingFiles);

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
      {send.text !== "" && (
        <div class="message-text">
          <MessageText text={send.text} />
        </div>
      )}
      {send.files === undefined ? <Delivery send={send} /> : <PendingFiles send={send} />}
    </article>
  );
}

/** Changes of old messages that the room rejected. The messages are shown unchanged. */
function RejectedChanges() {
  const room = useOpenRoom();
  return room.state.value.outbox
    .filter(({ kind, status }) => kind !== "send" && status === "failed")
    .map((entry) => (
      <Rejected
        key={entry.id}
        error={entry.error}
        what={t.value.notSaved}
        onEdit={editAgain(room, entry)}
        onRetry={() => room.client.retry(entry.id)}
        onDiscard={() => room.client.discard(entry.id)}
      />
    ));
}

/** Returns a function that moves a rejected edit back into the field; `undefined` for other changes. */
function editAgain(room: OpenRoom, { command, id }: OutboxEntry) {
  if (command.type !== "edit") return undefined;
  return (): void => {
    const seq = command.target;
    room.composer.edit(room.message(seq) ?? { seq, text: "" }, command.text);
    room.client.discard(id);
  };
}
