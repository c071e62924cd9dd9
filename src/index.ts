/** Entry of the Worker: the app and the classes of its Durable Objects. */
export { default } from "./app.ts";
export { RoomFiles } from "./files/room-files.ts";
export { RoomRelay } from "./relay/room-relay.ts";
export { ChatRoom } from "./room/chat-room.ts";
