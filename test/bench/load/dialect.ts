/** Dialects: how each kind of server is spoken to, from the handshake to a message. */
import { SUBPROTOCOL } from "../../../src/protocol/frame.ts";

/** Dialect is what a client of one kind of server says. */
export interface Dialect {
  /** Path and query of the WebSocket. */
  readonly path: string;
  readonly subprotocol?: string;
  /** What to say once the handshake is done. */
  readonly greeting?: string;
  /** First character of the frame by which the client has joined; without it the handshake does it. */
  readonly joinedBy?: string;
  /** What to answer to a frame, by its first character. */
  readonly answers?: Readonly<Record<string, string>>;
  /** The frame that sends `text`, which needs no escaping, as message number `n` of all. */
  send(text: string, n: number): string;
  /** Says that the client is still there, where clients have to. */
  readonly keepAlive?: string;
}

/** Length of the ids that the client library makes. */
const ID_LENGTH = 32;

/** The chat protocol of this project. */
export const CHAT: Dialect = {
  path: "/ws/bench",
  subprotocol: SUBPROTOCOL,
  greeting: '{"type":"hello","name":"reader"}',
  joinedBy: "{",
  send: (text, n) => `{"type":"send","id":"${String(n).padStart(ID_LENGTH, "0")}","text":"${text}"}`,
  keepAlive: '{"type":"ping"}',
};

/** A server that passes each frame on as it came. */
export const BARE: Dialect = { path: "/", send: (text) => text };

/** Socket.IO 4 over a WebSocket alone: Engine.IO's packet type comes first, then Socket.IO's. */
export const SOCKET_IO: Dialect = {
  path: "/socket.io/?EIO=4&transport=websocket",
  joinedBy: "4",
  // Engine.IO is open: join the main namespace. Its ping: pong.
  answers: { "0": "40", "2": "3" },
  send: (text) => `42["say","${text}"]`,
};
