/** Asks before something that cannot be undone. */
import { type Confirmation, closeDialog } from "../state/ui.ts";
import { DangerButtons } from "./danger-buttons.tsx";
import { DialogFrame } from "./dialog-frame.tsx";

export function ConfirmDialog({ title, text, label, run }: Confirmation) {
  return (
    <DialogFrame kind="box" title={title}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          closeDialog();
          run();
        }}
      >
        <p>{text}</p>
        <DangerButtons label={label} />
      </form>
    </DialogFrame>
  );
}
