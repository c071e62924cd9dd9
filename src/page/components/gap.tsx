/** A gap between messages, with a button that loads the missing ones. */
import type { Gap } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";

export function GapRow({ gap }: { readonly gap: Gap }) {
  const room = useOpenRoom();
  const isLoading = room.loadingGaps.value.has(gap.after);
  const load = async (log: Element | null): Promise<void> => {
    await room.fillGap(gap);
    // The button is gone and the log has the focus. Move it to the message below the gap.
    requestAnimationFrame(() => {
      if (document.activeElement !== log) return;
      log?.querySelector<HTMLElement>(`[data-seq="${gap.before}"]`)?.focus({ preventScroll: true });
    });
  };
  return (
    <p class="gap">
      {t.value.gap}{" "}
      <button
        type="button"
        class="text-button"
        aria-disabled={isLoading}
        onClick={({ currentTarget }) => isLoading || void load(currentTarget.closest("[role=log]"))}
      >
        {isLoading ? t.value.loading : t.value.loadGap}
      </button>
    </p>
  );
}
