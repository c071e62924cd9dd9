/** Components whose code is loaded when they are first drawn. */
import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { t } from "../i18n/index.ts";
import { showToast } from "../state/ui.ts";

/** Returns a component that draws nothing until `load` has resolved to the component with the content. */
export function later<P extends object = object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const view: Signal<ComponentType<P> | null> = signal(null);
  let loading = false;
  const start = async (): Promise<void> => {
    if (loading) return;
    loading = true;
    try {
      view.value = await load();
    } catch {
      showToast(t.peek().failedToLoad);
    }
    loading = false;
  };
  return function Later(props: P) {
    const View = view.value;
    if (View !== null) return <View {...props} />;
    void start();
    return null;
  };
}
