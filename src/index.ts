/** The Worker's entry: the app, and the class of its Durable Objects. */
export { default } from "./app.ts";
export { ChatRoom } from "./room/chat-room.ts";
