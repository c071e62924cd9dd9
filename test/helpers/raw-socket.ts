// Sockets opened from Node without the project's client: a WebSocket, a handshake, single frames.
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import type { Command } from "../../src/protocol/commands.ts";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import type { WelcomeLine } from "../../src/protocol/server-lines.ts";
import { ChatSocket, PlainSocket } from "./line-socket.ts";
import { within } from "./wait.ts";

/** Hello is the fields of a `hello`. */
export type Hello = Partial<Omit<Command<"hello">, "type">>;

/** Opens a socket in `chat.v1`, sends hello and reads the welcome. */
export async function openChat(
  url: string | URL,
  { hello = {} }: { hello?: Hello } = {},
): Promise<ChatSocket & { readonly welcome: WelcomeLine }> {
  const socket = await openSilent(url);
  socket.command({ type: "hello", ...hello });
  return Object.assign(socket, { welcome: await socket.next("welcome") });
}

/** Opens a socket in `chat.v1` without a hello. */
export async function openSilent(url: string | URL): Promise<ChatSocket> {
  return opened(new WebSocket(url, SUBPROTOCOL), ChatSocket);
}

/** Opens a socket in plain mode. */
export async function openPlain(url: string | URL): Promise<PlainSocket> {
  return opened(new WebSocket(url), PlainSocket);
}

async function opened<T>(socket: WebSocket, Wrapper: new (socket: WebSocket) => T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const wrapper = new Wrapper(socket);
  socket.addEventListener("open", () => resolve());
  socket.addEventListener("error", () => reject(new Error(`the socket to ${socket.url} was rejected`)));
  await within(`the socket to ${socket.url} to open`, promise);
  return wrapper;
}

/** HandshakeAnswer is the answer to a WebSocket handshake. */
export interface HandshakeAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Empty if the status is 101. */
  readonly body: string;
  /** The connection if the status is 101; the test must destroy it. */
  readonly socket?: Socket;
}

/** Headers of a valid handshake (RFC 6455, section 4.1). */
export const UPGRADE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "2e1HXejEZhjvYEEVOEE79g==",
} as const;

/** Sends one request, with the path unchanged, and reads the answer. */
export function handshake(
  origin: string | URL,
  path: string,
  headers: Readonly<Record<string, string>> = UPGRADE,
  method = "GET",
): Promise<HandshakeAnswer> {
  const { hostname, port } = new URL(origin);
  const { promise, resolve, reject } = Promise.withResolvers<HandshakeAnswer>();
  const answer = (response: IncomingMessage, body: string) => ({
    status: response.statusCode ?? 0,
    headers: response.headers,
    body,
  });
  const sent = request({ hostname, port, path, method, headers, agent: false });
  sent.on("error", reject);
  sent.on("upgrade", (response, socket) => resolve({ ...answer(response, ""), socket }));
  sent.on("response", (response) => {
    text(response).then((body) => resolve(answer(response, body)), reject);
  });
  sent.end();
  return within(`an answer to ${method} ${path}`, promise);
}

/** Opcodes of RFC 6455, section 5.2. */
export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;

/** FrameShape describes a frame, which can be invalid on purpose. */
export interface FrameShape {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  /** Last frame of its message. Default true. */
  readonly fin?: boolean;
  /** Reserved bits, 0 to 7. Default 0. */
  readonly rsv?: number;
  /** Default true, as required of clients. */
  readonly masked?: boolean;
}

/** Encodes one frame (RFC 6455, section 5.2), valid or not. */
export function frameBytes({ opcode, payload = "", fin = true, rsv = 0, masked = true }: FrameShape): Buffer {
  const body = Buffer.from(payload);
  const long = body.length > 0xffff ? 8 : body.length > 125 ? 2 : 0;
  const head = Buffer.alloc(2 + long);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (long === 8 ? 127 : long === 2 ? 126 : body.length);
  if (long === 2) head.writeUInt16BE(body.length, 2);
  if (long === 8) head.writeBigUInt64BE(BigInt(body.length), 2);
  if (!masked) return Buffer.concat([head, body]);
  const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  return Buffer.concat([head, mask, body.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}
