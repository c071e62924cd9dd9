/** Rooms and sockets for the tests inside the runtime. Each test uses its own room. */
import { exports } from "cloudflare:workers";
import type { ClientLine } from "../../src/protocol/commands.ts";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import type { WelcomeLine } from "../../src/protocol/server-lines.ts";
import { ChatSocket, PlainSocket } from "../helpers/line-socket.ts";

let rooms = 0;

/** Returns the name of a room that no other test uses. */
export function freshRoom(): string {
  rooms += 1;
  return `room-${rooms}-${crypto.randomUUID().slice(0, 8)}`;
}

/** Sends a request to the Worker. */
export function ask(path: string, init?: RequestInit): Promise<Response> {
  return exports.default.fetch(new Request(`http://chat.test${path}`, init));
}

async function upgrade(room: string, headers: Record<string, string>): Promise<WebSocket> {
  const response = await ask(`/ws/${encodeURIComponent(room)}`, {
    headers: { Upgrade: "websocket", "Sec-WebSocket-Version": "13", ...headers },
  });
  if (response.webSocket === null) throw new Error(`rejected: ${response.status} ${await response.text()}`);
  return response.webSocket;
}

/** Opens a `chat.v1` socket without hello. */
export async function openSilent(room: string): Promise<ChatSocket> {
  const ws = await upgrade(room, { "Sec-WebSocket-Protocol": SUBPROTOCOL });
  const socket = new ChatSocket(ws);
  ws.accept();
  return socket;
}

export interface Joined extends ChatSocket {
  readonly welcome: WelcomeLine;
}

/** Opens a `chat.v1` socket, sends hello and reads the welcome. */
export async function join(
  room: string,
  hello: Omit<Extract<ClientLine, { type: "hello" }>, "type"> = {},
): Promise<Joined> {
  const socket = await openSilent(room);
  socket.command({ type: "hello", ...hello });
  return Object.assign(socket, { welcome: await socket.next("welcome") });
}

/** Opens a socket in plain mode. */
export async function openPlain(room: string): Promise<PlainSocket> {
  const ws = await upgrade(room, {});
  const socket = new PlainSocket(ws);
  ws.accept();
  return socket;
}

/** Returns a new key. */
export function newKey(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
