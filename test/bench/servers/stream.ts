/**
 * A server that only streams frames, as fast as they are read, to find the limit of the load. The argument is the
 * number of messages per frame.
 */
import { createServer, type Socket } from "node:net";
import { listen } from "./listen.ts";

/** Approximate size of one write. */
const WRITE_BYTES = 64 * 1024;

// A line like the room's. Its stamp is not used.
const LINE =
  '{"type":"message","seq":123456,"at":1795244166000,"user":"abcdefghij","name":"reader","text":"^00000000000 said by one, heard by "}';
const payload = Array(Number(process.argv[2])).fill(LINE).join("\n");
const header = Buffer.alloc(4);
header[0] = 0x81;
header[1] = 126;
header.writeUInt16BE(payload.length, 2);
const frame = Buffer.concat([header, Buffer.from(payload)]);
const frames = Buffer.concat(Array(Math.max(1, Math.floor(WRITE_BYTES / frame.length))).fill(frame));

const ACCEPT =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: WPaVPwi6nk4cFFxS8NJ3BIwAtNE=\r\n\r\n";

listen(
  createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.write(ACCEPT));
    // A client's first message starts the stream.
    socket.once("data", () => socket.on("data", () => stream(socket)));
  }),
);

function stream(socket: Socket): void {
  socket.write(frames, () => stream(socket));
}
