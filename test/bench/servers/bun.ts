/** A room with the WebSocket server and the publish that are built into Bun: forwards each message at once. */

/** What this server uses of Bun. */
declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    fetch(request: Request, server: BunServer): Response | undefined;
    websocket: { open(socket: BunSocket): void; message(socket: BunSocket, text: string): void };
  }): BunServer;
};
interface BunServer {
  readonly port: number;
  upgrade(request: Request): boolean;
  publish(topic: string, text: string): void;
}
interface BunSocket {
  subscribe(topic: string): void;
}

const ROOM = "room";
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, self) => (self.upgrade(request) ? undefined : new Response(null, { status: 426 })),
  websocket: {
    open: (socket) => socket.subscribe(ROOM),
    message: (_, text) => server.publish(ROOM, text),
  },
});
console.log(`listening on http://127.0.0.1:${server.port}`);
