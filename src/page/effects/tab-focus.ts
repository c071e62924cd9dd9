/** Tracks whether any tab of a room has the focus: then nobody needs a notification for that room. */

const lockOf = (room: string): string => `edge-chat:looking:${room}`;

/** Publishes to other tabs while this tab of `room` has the focus. Returns a function that ends this. */
export function startTabFocus(room: string): () => void {
  // Locks need a secure context, as notifications do.
  if (!("locks" in navigator)) return () => undefined;
  let release: (() => void) | null = null;
  const hold = (): void => {
    const released = new Promise<void>((done) => {
      release = done;
    });
    navigator.locks.request(lockOf(room), { mode: "shared" }, () => released).catch(() => undefined);
  };
  const letGo = (): void => {
    release?.();
    release = null;
  };
  const update = (): void => {
    if (!hasTabFocus()) letGo();
    else if (release === null) hold();
  };
  const events = [
    [window, "focus"],
    [window, "blur"],
    [document, "visibilitychange"],
  ] as const;
  for (const [target, type] of events) target.addEventListener(type, update);
  update();
  return () => {
    for (const [target, type] of events) target.removeEventListener(type, update);
    letGo();
  };
}

/** Returns whether this tab, or another tab of `room`, has the focus. */
export async function isRoomFocused(room: string): Promise<boolean> {
  if (hasTabFocus()) return true;
  if (!("locks" in navigator)) return false;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === lockOf(room));
}

function hasTabFocus(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}
