/** A client whose sockets, clock and window the test controls. */
import { ChatClient, type ChatClientOptions } from "../../src/client/index.ts";
import type { WelcomeLine } from "../../src/protocol/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeNetwork, type FakeSocket, FakeWindow } from "./fake-socket.ts";
import { welcomeLine } from "./server-lines.ts";

/** ClientRig is one client and its fake platform. Its back-off always waits half of the bound. */
export class ClientRig {
  readonly clock = new FakeClock();
  readonly network = new FakeNetwork();
  readonly window = new FakeWindow();
  readonly client: ChatClient;
  #ids = 0;

  constructor(options: Partial<ChatClientOptions> = {}, identity: "a key" | "no key" = "a key") {
    this.client = new ChatClient({
      url: "wss://chat.example/ws/demo",
      ...(identity === "a key" && { key: "a-key-of-at-least-22-characters" }),
      clock: this.clock,
      webSocket: this.network.webSocket,
      wake: this.window,
      fetch: null,
      random: () => 0.5,
      newId: () => `id-${++this.#ids}`,
      ...options,
    });
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    return this.network.socket;
  }

  /** Sockets opened so far. */
  get sockets(): number {
    return this.network.sockets.length;
  }

  /** Connects and receives a `welcome`. */
  join(welcome: Partial<WelcomeLine> = {}): this {
    this.client.connect();
    return this.welcome(welcome);
  }

  /** Opens the newest socket and sends a `welcome` on it. */
  welcome(welcome: Partial<WelcomeLine> = {}): this {
    this.socket.open();
    this.socket.receive(welcomeLine({ now: this.clock.now(), ...welcome }));
    return this;
  }
}
