/** Room of `ws`, the usual WebSocket library of Node: passes each message on to everyone at once. */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { listen } from "./listen.ts";

const server = createServer();
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => {
  socket.on("error", () => socket.terminate());
  socket.on("message", (data) => {
    // As text, as it came: without this it would go out as binary.
    for (const client of sockets.clients) client.send(data, { binary: false });
  });
});
listen(server);
