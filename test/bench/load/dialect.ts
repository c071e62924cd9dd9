/** Dialects: what a client of each server sends, from the handshake to a message. */
import { SUBPROTOCOL } from "../../../src/protocol/frame.ts";

/** Dialect is the protocol of one kind of server. */
export interface Dialect {
  /** Path and query of the WebSocket. */
  readonly path: string;
  readonly subprotocol?: string;
  /** Frame to send after the handshake. */
  readonly greeting?: string;
  /** First character of the frame that completes a join. Without it, the handshake does. */
  readonly joinedBy?: string;
  /** Answers to frames, by the first character of the frame. */
  readonly answers?: Readonly<Record<string, string>>;
  /** The frame that sends `text`, which needs no escaping, as message number `n`. */
  send(text: string, n: number): string;
  /** Keep-alive frame, if the server needs one. */
  readonly keepAlive?: string;
}

/** Length of the client library's ids. */
const ID_LENGTH = 32;

/** The protocol of this project. */
export const CHAT: Dialect = {
  path: "/ws/bench",
  subprotocol: SUBPROTOCOL,
  greeting: '{"type":"hello","name":"reader"}',
  joinedBy: "{",
  send: (text, n) => `{"type":"send","id":"${String(n).padStart(ID_LENGTH, "0")}","text":"${text}"}`,
  keepAlive: '{"type":"ping"}',
};

/** A server that forwards each frame unchanged. */
export const BARE: Dialect = { path: "/", send: (text) => text };

/** Socket.IO 4 over a WebSocket alone: Engine.IO's packet type comes first, then Socket.IO's. */
export const SOCKET_IO: Dialect = {
  path: "/socket.io/?EIO=4&transport=websocket",
  joinedBy: "4",
  // To the open packet, join the main namespace; to a ping, a pong.
  answers: { "0": "40", "2": "3" },
  send: (text) => `42["say","${text}"]`,
};
