// The client library inside the Workers runtime.
import { afterEach, expect, test } from "vitest";
import { ChatClient, type ChatState, type WebSocketLike } from "../../src/client/index.ts";
import { eventually } from "../helpers/wait.ts";
import { ask, freshRoom } from "./rooms.ts";

/** RoomSocket is a WebSocket to the Worker under test, without a network. */
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
    if (webSocket === null) throw new Error("rejected");
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

/** Sockets of all clients, in the order in which they opened. */
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

function until(client: ChatClient, what: string, probe: (state: ChatState) => boolean): Promise<true> {
  return eventually(
    what,
    () => probe(client.state) || undefined,
    (listener) => client.on("state", listener),
  );
}

test("two clients exchange messages, also after one lost its socket", async () => {
  const room = freshRoom();
  const ann = join(room, "Ann");
  const bob = join(room, "Bob");
  await until(bob, "Bob to be online", ({ connection }) => connection === "online");
  await ann.send("one");
  await until(bob, "message 1", ({ timeline }) => timeline.head === 1);
  sockets.at(-1)?.close(4000, "lost");
  const [two, three] = [bob.send("two"), ann.send("three")];
  await Promise.all([two, three]);
  for (const client of [ann, bob]) await until(client, "message 3", ({ timeline }) => timeline.head === 3);
  const texts = (client: ChatClient) =>
    client.state.timeline.items.map((item) => "text" in item && item.text);
  expect(texts(bob)).toEqual(texts(ann));
  expect(texts(ann).toSorted()).toEqual(["one", "three", "two"]);
});
