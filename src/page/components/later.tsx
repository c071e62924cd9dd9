/** Components whose code is loaded when they are first drawn. */
import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { t } from "../i18n/index.ts";
import { showToast } from "../state/ui.ts";

/** Loaded is a component that draws nothing until its code is loaded. */
type Loaded<P> = ComponentType<P> & {
  /** Loads the code. Never rejects. */
  readonly load: () => Promise<void>;
};

/** Returns a component that draws nothing until `load` has resolved to the component with the content. */
export function later<P extends object = object>(load: () => Promise<ComponentType<P>>): Loaded<P> {
  const view: Signal<ComponentType<P> | null> = signal(null);
  let loading: Promise<void> | null = null;
  const start = (): Promise<void> => {
    loading ??= load().then(
      (loaded) => {
        view.value = loaded;
      },
      () => {
        loading = null;
        showToast(t.peek().failedToLoad);
      },
    );
    return loading;
  };
  const Later = (props: P) => {
    const View = view.value;
    if (View !== null) return <View {...props} />;
    void start();
    return null;
  };
  return Object.assign(Later, { load: start });
}
