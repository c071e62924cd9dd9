/** Notes above the text field: the message it answers or edits, why it was rejected, an offer for a pasted text. */

import type { ComponentChildren } from "preact";
import { locale, t } from "../i18n/index.ts";
import { m } from "../i18n/moderation.ts";
import { momentText } from "../i18n/time.ts";
import { today } from "../i18n/today.ts";
import { errorText, withReason } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { plainText } from "../text/plain.ts";
import { Icon } from "./icon.tsx";
import { later } from "./later.tsx";
import { LOCK } from "./later-icons.ts";
import { EXCERPT_LENGTH, excerpt } from "./quote.tsx";

const AttachmentList = later(async () => (await import("./attachment-list.tsx")).AttachmentList);

export function ComposerNotes() {
  return (
    <>
      <Block />
      <Context />
      <CommandError />
      <AskDelete />
      <PasteOffer />
      <Files />
    </>
  );
}

/** The files of the new message. They are not part of an edit. */
function Files() {
  const { composer } = useOpenRoom();
  const files = composer.files.value;
  if (files === null || !composer.hasFiles.value || composer.editing.value !== null) return null;
  return <AttachmentList files={files} />;
}

/** Why the user may not write. The wait of slow mode is shown beside the names of people who are typing. */
function Block() {
  const { composer } = useOpenRoom();
  const block = composer.block.value;
  if (block === null || block.type === "slow") return null;
  const until = block.type === "muted" && block.until !== undefined ? block.until : null;
  const text =
    block.type === "read-only"
      ? m.value.readOnlyNote
      : withReason(
          m.value.mutedFor(until === null ? "" : momentText(until, today.value, locale.value)),
          block.reason,
        );
  return (
    <p class="composer-note block" role="status">
      <Icon name={LOCK} />
      <span>{text}</span>
    </p>
  );
}

/** The message that is being answered or edited. */
function Context() {
  const { composer } = useOpenRoom();
  const quoted = composer.answered.value;
  const edited = composer.editing.value;
  if (edited === null && composer.reply.value === null) return null;
  const leave = (): void => {
    composer.cancel();
    composer.focus();
  };
  return (
    <Note label={t.value.cancel} onClose={leave}>
      {edited !== null ? (
        <>
          {t.value.editing} <bdi class="hint">{plainText(edited.text.slice(0, EXCERPT_LENGTH))}</bdi>
        </>
      ) : (
        <>
          {t.value.replyingTo(quoted?.name ?? t.value.earlierMessage)}{" "}
          {quoted !== undefined && <bdi class="hint">{excerpt(quoted)}</bdi>}
        </>
      )}
    </Note>
  );
}

/** Why the room rejected the text. */
function CommandError() {
  const { composer } = useOpenRoom();
  const error = composer.rejection.value;
  if (error === null) return null;
  return (
    <p class="composer-note rejection" role="alert">
      <Icon name="alert" />
      {t.value.notSent} {errorText(error)}
    </p>
  );
}

/** Asks whether to delete the edited message, which has no text left. */
function AskDelete() {
  const { composer } = useOpenRoom();
  if (!composer.asksDelete.value) return null;
  return (
    <p class="composer-note rejection" role="alert">
      {t.value.askDelete}{" "}
      <button type="button" class="text-button" onClick={() => composer.deleteEdited()}>
        {t.value.delete}
      </button>
    </p>
  );
}

function PasteOffer() {
  const { composer } = useOpenRoom();
  if (composer.pasted.value === null) return null;
  const close = (): void => {
    composer.pasted.value = null;
  };
  return (
    <Note label={t.value.close} onClose={close}>
      {t.value.pastedLong}{" "}
      <button type="button" class="text-button" onClick={() => composer.pastedAsCode()}>
        {t.value.asCode}
      </button>
    </Note>
  );
}

interface NoteProps {
  /** Label of the button that closes the note. */
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

function Note({ label, onClose, children }: NoteProps) {
  return (
    <div class="composer-note">
      <span>{children}</span>
      <button type="button" class="icon-button small" aria-label={label} title={label} onClick={onClose}>
        <Icon name="close" />
      </button>
    </div>
  );
}
