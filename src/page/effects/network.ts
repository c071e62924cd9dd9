/** Whether the browser has a network, according to the browser. */
import { signal } from "@preact/signals";

export const networkOnline = signal(navigator.onLine);

for (const type of ["online", "offline"]) {
  addEventListener(type, () => {
    networkOnline.value = navigator.onLine;
  });
}
