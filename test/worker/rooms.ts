// Rooms as tests inside the runtime reach them: each test opens sockets in a room of its own.
import { exports } from "cloudflare:workers";
import type { ClientLine } from "../../src/protocol/commands.ts";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import type { WelcomeLine } from "../../src/protocol/server-lines.ts";
import { ChatSocket, PlainSocket } from "../helpers/line-socket.ts";

let rooms = 0;

/** Name of a room that no other test uses. */
export function freshRoom(): string {
  rooms += 1;
  return `room-${rooms}-${crypto.randomUUID().slice(0, 8)}`;
}

/** Asks the Worker as a client would. */
export function ask(path: string, init?: RequestInit): Promise<Response> {
  return exports.default.fetch(new Request(`http://chat.test${path}`, init));
}

async function upgraded(room: string, headers: Record<string, string>): Promise<WebSocket> {
  const response = await ask(`/ws/${encodeURIComponent(room)}`, {
    headers: { Upgrade: "websocket", "Sec-WebSocket-Version": "13", ...headers },
  });
  if (response.webSocket === null) throw new Error(`refused: ${response.status} ${await response.text()}`);
  return response.webSocket;
}

/** Opens a socket in `chat.v1` that has not said hello. */
export async function openSilent(room: string): Promise<ChatSocket> {
  const ws = await upgraded(room, { "Sec-WebSocket-Protocol": SUBPROTOCOL });
  const socket = new ChatSocket(ws);
  ws.accept();
  return socket;
}

export interface Joined extends ChatSocket {
  readonly welcome: WelcomeLine;
}

/** Opens a socket in `chat.v1`, says hello and reads the welcome. */
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
  const ws = await upgraded(room, {});
  const socket = new PlainSocket(ws);
  ws.accept();
  return socket;
}

/** A key that nobody else has, of the form that the protocol asks for. */
export function newKey(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
