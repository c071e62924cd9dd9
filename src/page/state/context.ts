/** The open room, for the views inside it. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { RoomSession } from "./session.ts";

export const SessionContext = createContext<RoomSession | null>(null);

/** The open room's session. */
export function useSession(): RoomSession {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("no room is open around this view");
  return session;
}
