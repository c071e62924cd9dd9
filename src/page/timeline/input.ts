/** Keys, mouse and touch in the timeline. Loaded once the first messages are drawn. */
import { type Signal, signal } from "@preact/signals";
import type { watchInput } from "./watch-input.ts";

/** Starts to watch a timeline; `null` until it is loaded. */
export const inputWatcher: Signal<typeof watchInput | null> = signal(null);

/** Loads the code. Without it messages can still be read and written. */
export async function loadInput(): Promise<void> {
  const loaded = await import("./watch-input.ts");
  inputWatcher.value = loaded.watchInput;
}
