/** Room calls: what a relay asks of its room, as calls of the room's object. */
import type { ChatRoom } from "../room/chat-room.ts";
import type { RoomCalls } from "../room/feed.ts";

/** Returns the calls of a room. Each looks the object up anew: a stub does not work any more after an error. */
export function roomCalls(rooms: DurableObjectNamespace<ChatRoom>, name: string): RoomCalls {
  const room = () => rooms.getByName(name);
  return {
    attach: (request, sink) => room().attachRelay(request, sink),
    submit: (relay, session, commands) => room().submitFromRelay(relay, session, commands),
    report: (relay, here) => room().reportRelay(relay, here),
    head: () => room().logHead(),
    history: (seq, limit) => room().relayHistory(seq, limit),
    search: (search) => room().relaySearch(search),
  };
}
