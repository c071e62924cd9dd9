/** A form with the name of a room to open. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { canonicalRoomName } from "../../protocol/room-name.ts";
import { t } from "../i18n/index.ts";

interface RoomNameFormProps {
  /** Focuses the field once it is drawn. */
  readonly autofocus?: boolean;
  /** Called with the canonical name. */
  readonly onOpen: (room: string) => void;
}

export function RoomNameForm({ autofocus = false, onOpen }: RoomNameFormProps) {
  const name = useSignal("");
  const invalid = useSignal(false);
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    const room = canonicalRoomName(encodeURIComponent(name.peek().trim().replace(/\s+/gu, "-")));
    if (room === null) invalid.value = true;
    else onOpen(room);
  };
  return (
    <form class="dialog-form room-name-form" onSubmit={submit}>
      <label for={id}>{t.value.roomName}</label>
      <input
        id={id}
        type="text"
        autofocus={autofocus}
        dir="auto"
        placeholder={t.value.roomNameExample}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={name.value}
        aria-invalid={invalid.value}
        aria-describedby={`${id}-hint`}
        onInput={(event) => {
          name.value = event.currentTarget.value;
          invalid.value = false;
        }}
      />
      <p class="hint" id={`${id}-hint`} data-invalid={invalid.value}>
        {t.value.badRoomName}
      </p>
      <button type="submit" class="primary-button">
        {t.value.open}
      </button>
    </form>
  );
}
