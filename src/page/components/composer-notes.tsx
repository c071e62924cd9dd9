/** What is to be known of the text in the field: what it answers or changes, why it was refused, how it may be sent. */
import type { ComponentChildren } from "preact";
import { t } from "../i18n/index.ts";
import { useSession } from "../state/context.ts";
import { Icon } from "./icon.tsx";
import { excerpt } from "./quote.tsx";

export function ComposerNotes() {
  return (
    <>
      <Context />
      <CommandError />
      <PasteOffer />
    </>
  );
}

/** What is being answered or changed. */
function Context() {
  const { composer } = useSession();
  const quoted = composer.answered.value;
  const isEditing = composer.editing.value !== null;
  if (!isEditing && composer.reply.value === null) return null;
  const leave = (): void => {
    composer.cancel();
    composer.focusRequests.value += 1;
  };
  return (
    <Note label={t.value.cancel} onClose={leave}>
      {isEditing ? (
        t.value.editing
      ) : (
        <>
          {t.value.replyingTo(quoted?.name ?? t.value.earlierMessage)}{" "}
          {quoted !== undefined && <bdi class="hint">{excerpt(quoted)}</bdi>}
        </>
      )}
    </Note>
  );
}

/** Why the text came back. */
function CommandError() {
  const { composer } = useSession();
  const code = composer.refusal.value;
  if (code === null) return null;
  return (
    <p class="composer-note refusal" role="alert">
      <Icon name="alert" />
      {t.value.notSent} {t.value.refusals[code]}
    </p>
  );
}

function PasteOffer() {
  const { composer } = useSession();
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
  /** Name of the button that closes it. */
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
