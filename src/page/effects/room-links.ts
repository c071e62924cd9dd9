/** Opens links to rooms and messages of this site in the page itself. */
import { goToRoom } from "../state/navigation.ts";
import { roomLink } from "../state/room-names.ts";

/** Call once. */
export function startRoomLinks(): void {
  addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
    // The browser opens a new tab or window.
    const isModified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (link === null || isModified || event.defaultPrevented) return;
    const to = roomLink(link.href);
    if (to === null) return;
    event.preventDefault();
    void goToRoom(to.room, to.seq);
  });
}
