/** Room of Socket.IO: passes each message on to everyone at once, over WebSockets alone. */
import { createServer } from "node:http";
import { Server } from "socket.io";
import { listen } from "./listen.ts";

const server = createServer();
const io = new Server(server, { transports: ["websocket"], serveClient: false });
io.on("connection", (socket) => {
  socket.on("say", (text: string) => io.emit("say", text));
});
listen(server);
