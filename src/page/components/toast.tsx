/** A short message at the foot of the page, which screen readers hear too. */
import { toast } from "../state/ui.ts";

export function Toast() {
  return (
    <div class="toast" aria-live="polite" data-open={toast.value !== null}>
      {toast.value}
    </div>
  );
}
