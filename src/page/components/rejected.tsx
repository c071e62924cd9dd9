/** A rejected command: the reason, and buttons to retry, edit or discard. */
import type { OutboxEntry } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { errorText } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { Icon } from "./icon.tsx";

interface RejectedProps {
  readonly entry: OutboxEntry;
  readonly what: string;
  /** Moves the text back into the field; `undefined` if there is no text to edit. */
  readonly onEdit: (() => void) | undefined;
}

export function Rejected({ entry, what, onEdit }: RejectedProps) {
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
        {what} {error !== undefined && errorText(error)}
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
