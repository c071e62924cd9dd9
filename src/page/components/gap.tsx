/** A gap between messages, with a button that loads the missing ones. */
import { useSignal } from "@preact/signals";
import type { Gap } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";

/** Messages requested at a time. */
const PAGE = 100;

export function GapRow({ gap }: { readonly gap: Gap }) {
  const room = useOpenRoom();
  const loading = useSignal(false);
  const load = (log: Element | null): void => {
    loading.value = true;
    void room.loading.while(room.client.fillGap(gap, PAGE)).finally(() => {
      loading.value = false;
      // The button is gone and the log has the focus. Move it to the message below the gap.
      requestAnimationFrame(() => {
        if (document.activeElement !== log) return;
        log?.querySelector<HTMLElement>(`[data-seq="${gap.before}"]`)?.focus({ preventScroll: true });
      });
    });
  };
  return (
    <p class="gap">
      {t.value.gap}{" "}
      <button
        type="button"
        class="text-button"
        aria-disabled={loading.value}
        onClick={({ currentTarget }) => loading.value || load(currentTarget.closest("[role=log]"))}
      >
        {loading.value ? t.value.loading : t.value.loadGap}
      </button>
    </p>
  );
}
