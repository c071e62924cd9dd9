/** Whether the reader looks at a room, in this tab or in another one: whoever does needs no notification of it. */

const lockOf = (room: string): string => `edge-chat:looking:${room}`;

/** Lets the other tabs know while `room` is looked at in this one; returns what ends that. */
export function startLooking(room: string): () => void {
  // Without a secure context there are no locks, and no notifications either.
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
  const adapt = (): void => {
    if (!isInFront()) letGo();
    else if (release === null) hold();
  };
  const events = [
    [window, "focus"],
    [window, "blur"],
    [document, "visibilitychange"],
  ] as const;
  for (const [target, type] of events) target.addEventListener(type, adapt);
  adapt();
  return () => {
    for (const [target, type] of events) target.removeEventListener(type, adapt);
    letGo();
  };
}

/** Whether a tab of `room` is looked at. */
export async function isLookedAt(room: string): Promise<boolean> {
  if (isInFront()) return true;
  if (!("locks" in navigator)) return false;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === lockOf(room));
}

function isInFront(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}
