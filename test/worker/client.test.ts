// The client library inside the Workers runtime: two clients in one room, one of which loses its socket.
import { afterEach, expect, test } from "vitest";
import { ChatClient, type ChatState, type WebSocketLike } from "../../src/client/index.ts";
import { eventually } from "../helpers/wait.ts";
import { ask, freshRoom } from "./rooms.ts";

/** RoomSocket is a socket of the runtime, to the Worker under test instead of over a network. */
class RoomSocket extends EventTarget implements WebSocketLike {
  #socket: WebSocket | null = null;

  constructor(url: string, protocols: string[]) {
    super();
    void this.#open(url, protocols);
  }

  send(frame: string): void {
    this.#socket?.send(frame);
  }

  close(code?: number, reason?: string): void {
    this.#socket?.close(code, reason);
  }

  async #open(url: string, protocols: string[]): Promise<void> {
    const headers = {
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Protocol": protocols.join(),
    };
    const { webSocket } = await ask(new URL(url).pathname, { headers });
    if (webSocket === null) throw new Error("refused");
    webSocket.addEventListener("message", ({ data }) =>
      this.dispatchEvent(new MessageEvent("message", { data })),
    );
    webSocket.addEventListener("close", ({ code, reason }) =>
      this.dispatchEvent(new CloseEvent("close", { code, reason })),
    );
    webSocket.accept();
    this.#socket = webSocket;
    this.dispatchEvent(new Event("open"));
  }
}

let clients: ChatClient[] = [];
afterEach(() => {
  for (const client of clients) client.close();
  clients = [];
});

/** Sockets that clients opened, the newest last. */
const sockets: RoomSocket[] = [];

function join(room: string, name: string): ChatClient {
  const webSocket = class extends RoomSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  };
  const client = new ChatClient({ url: `https://chat.test/ws/${room}`, name, webSocket, random: () => 0 });
  clients.push(client);
  client.connect();
  return client;
}

function sees(client: ChatClient, what: string, probe: (state: ChatState) => boolean): Promise<true> {
  return eventually(
    what,
    () => probe(client.state) || undefined,
    (listener) => client.on("state", listener),
  );
}

test("two clients talk, and one that lost its socket misses nothing", async () => {
  const room = freshRoom();
  const ann = join(room, "Ann");
  const bob = join(room, "Bob");
  await sees(bob, "the welcome", ({ connection }) => connection === "online");
  await ann.send("one");
  await sees(bob, "one", ({ timeline }) => timeline.head === 1);
  sockets.at(-1)?.close(4000, "lost");
  const [two, three] = [bob.send("two"), ann.send("three")];
  await Promise.all([two, three]);
  for (const client of [ann, bob]) await sees(client, "all", ({ timeline }) => timeline.head === 3);
  const shown = (client: ChatClient) =>
    client.state.timeline.items.map((item) => "text" in item && item.text);
  expect(shown(bob)).toEqual(shown(ann));
  expect(shown(ann).toSorted()).toEqual(["one", "three", "two"]);
});
