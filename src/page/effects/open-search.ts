/** Opens the search of the open room. */
import { openRoom } from "../state/navigation.ts";
import { dialog } from "../state/ui.ts";

/** Id of the search field. */
export const SEARCH_FIELD = "search-field";

/** Opens the search, or moves the focus to its field. Returns whether it did: else the browser's search may open. */
export function openSearch(): boolean {
  const room = openRoom.peek();
  if (room === null || room.isOutside.peek() || dialog.peek() !== null) return false;
  const field = document.getElementById(SEARCH_FIELD);
  if (field instanceof HTMLInputElement) {
    if (field === document.activeElement) return false;
    field.focus();
    field.select();
  }
  room.isSearching.value = true;
  return true;
}
