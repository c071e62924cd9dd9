/** A short message at the bottom of the page, announced by screen readers. */
import { toast } from "../state/ui.ts";

export function Toast() {
  return (
    <div class="toast" aria-live="polite" data-open={toast.value !== null}>
      {toast.value}
    </div>
  );
}
