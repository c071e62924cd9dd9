/** A rejected command: the reason, and buttons to retry, edit or discard. */
import type { CommandError } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { errorText } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { Icon } from "./icon.tsx";

interface RejectedProps {
  readonly error: CommandError | undefined;
  readonly what: string;
  /** Moves the text back into the field; `undefined` if there is no text to edit. */
  readonly onEdit: (() => void) | undefined;
  readonly onRetry: () => void;
  readonly onDiscard: () => void;
}

export function Rejected({ error, what, onEdit, onRetry, onDiscard }: RejectedProps) {
  const { composer } = useOpenRoom();
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
            onRetry();
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
            onDiscard();
          }}
        >
          {t.value.discard}
        </button>
      </span>
    </p>
  );
}
