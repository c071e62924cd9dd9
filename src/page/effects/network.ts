/** Whether the browser has a network. */
import { signal } from "@preact/signals";

/** Time in which the client finds out whether its connection survived an interruption of the network, ms. */
const CHECK_MS = 5_000;

/**
 * The network as the browser reports it. It is `checking` after an interruption, until the client has checked its
 * connection.
 */
export const network = signal<"online" | "checking" | "offline">(navigator.onLine ? "online" : "offline");

let timer: ReturnType<typeof setTimeout> | undefined;

addEventListener("offline", () => {
  clearTimeout(timer);
  network.value = "offline";
});
addEventListener("online", () => {
  network.value = "checking";
  clearTimeout(timer);
  timer = setTimeout(networkChecked, CHECK_MS);
});

/** The client has connected again or given up its connection. */
export function networkChecked(): void {
  if (network.peek() === "checking") network.value = "online";
}
