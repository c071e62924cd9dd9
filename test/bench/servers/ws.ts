/** A room with `ws`, a common WebSocket library for Node: forwards each message to every client at once. */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { listen } from "./listen.ts";

const server = createServer();
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => {
  socket.on("error", () => socket.terminate());
  socket.on("message", (data) => {
    // `data` is a buffer, which would be sent as a binary frame.
    for (const client of sockets.clients) client.send(data, { binary: false });
  });
});
listen(server);
