/** Opens a room by its name. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { canonicalRoomName } from "../../protocol/room-name.ts";
import { t } from "../i18n/index.ts";
import { openRoom } from "../state/rooms.ts";
import { closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";

export function OpenRoomDialog() {
  const name = useSignal("");
  const refused = useSignal(false);
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    const room = canonicalRoomName(encodeURIComponent(name.peek().trim().replace(/\s+/gu, "-")));
    if (room === null) {
      refused.value = true;
      return;
    }
    closeDialog();
    void openRoom(room);
  };
  return (
    <DialogFrame kind="box" title={t.value.openRoom}>
      <form class="dialog-form" onSubmit={submit}>
        <label for={id}>{t.value.roomName}</label>
        <input
          id={id}
          type="text"
          dir="auto"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={name.value}
          aria-invalid={refused.value}
          aria-describedby={`${id}-hint`}
          onInput={(event) => {
            name.value = event.currentTarget.value;
            refused.value = false;
          }}
        />
        <p class="hint" id={`${id}-hint`} data-refused={refused.value}>
          {t.value.badRoomName}
        </p>
        <button type="submit" class="primary-button">
          {t.value.open}
        </button>
      </form>
    </DialogFrame>
  );
}
