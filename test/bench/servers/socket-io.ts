/** A Socket.IO room: forwards each message to every client at once, over WebSockets only. */
import { createServer } from "node:http";
import { Server } from "socket.io";
import { listen } from "./listen.ts";

const server = createServer();
const io = new Server(server, { transports: ["websocket"], serveClient: false });
io.on("connection", (socket) => {
  socket.on("say", (text: string) => io.emit("say", text));
});
listen(server);
