/** The dialog that opens a room by name. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { canonicalRoomName } from "../../protocol/room-name.ts";
import { t } from "../i18n/index.ts";
import { goToRoom } from "../state/navigation.ts";
import { closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";

export function OpenRoomDialog() {
  const name = useSignal("");
  const invalid = useSignal(false);
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    const room = canonicalRoomName(encodeURIComponent(name.peek().trim().replace(/\s+/gu, "-")));
    if (room === null) {
      invalid.value = true;
      return;
    }
    closeDialog();
    void goToRoom(room);
  };
  return (
    <DialogFrame kind="box" title={t.value.openRoom}>
      <form class="dialog-form" onSubmit={submit}>
        <label for={id}>{t.value.roomName}</label>
        <input
          id={id}
          type="text"
          autofocus
          dir="auto"
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
    </DialogFrame>
  );
}
