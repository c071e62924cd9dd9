/** Gives the open room to the components inside it. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { OpenRoom } from "./open-room.ts";

export const OpenRoomContext = createContext<OpenRoom | null>(null);

/** Returns the open room. Throws outside of the context. */
export function useOpenRoom(): OpenRoom {
  const room = useContext(OpenRoomContext);
  if (room === null) throw new Error("no room is open around this component");
  return room;
}
