/** The open dialog. The code of all dialogs is loaded together, at the latest when the first one opens. */
import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { t } from "../i18n/index.ts";
import { type Dialog, dialog, showToast } from "../state/ui.ts";

type DialogView = ComponentType<{ readonly dialog: Dialog }>;

const view: Signal<DialogView | null> = signal(null);
let loading: Promise<void> | null = null;

export function Overlay() {
  const open = dialog.value;
  const View = view.value;
  if (open === null) return null;
  if (View === null) {
    void loadDialogs();
    return null;
  }
  return <View dialog={open} />;
}

/** Loads the code of the dialogs. */
export function loadDialogs(): Promise<void> {
  loading ??= import("./dialogs.tsx").then(
    ({ DialogView }) => {
      view.value = DialogView;
    },
    () => {
      loading = null;
      dialog.value = null;
      showToast(t.peek().failedToLoad);
    },
  );
  return loading;
}
