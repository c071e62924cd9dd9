/** A short message at the top of the page, announced by screen readers. */
import { closeToast, toast } from "../state/ui.ts";

export function Toast() {
  const shown = toast.value;
  return (
    <div class="toast" aria-live="polite" data-open={shown !== null}>
      {shown?.text}
      {shown?.action !== undefined && (
        <button
          type="button"
          class="toast-action"
          onClick={() => {
            closeToast(shown);
            shown.action?.run();
          }}
        >
          {shown.action.label}
        </button>
      )}
    </div>
  );
}
