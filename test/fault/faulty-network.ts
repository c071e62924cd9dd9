// A TCP proxy that delays data, cuts connections within a frame, and leaves half-open connections.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { between, type Random } from "./random.ts";

const FAULTS = ["cut to the server", "cut to the client", "half-open", "both half-open"] as const;

/** Time until the server's side of a connection closes that is half-open on both sides, ms. */
const HALF_OPEN_MS = 4_000;
/** Longest delay of a chunk, ms, and the percentage of chunks that are delayed. */
const DELAY_MS = 40;
const DELAYED_PERCENT = 10;

/** Link is one client's connection through the network. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #random: Random;
  /** Directions that drop all data. */
  #dropped = { server: false, client: false };
  /** The direction whose next chunk is cut: a part of it is forwarded, then nothing more. */
  #cut: "server" | "client" | null = null;

  constructor(client: Socket, server: Socket, random: Random, ended: () => void) {
    this.#client = client;
    this.#server = server;
    this.#random = random;
    this.#pipe(client, server, "server");
    this.#pipe(server, client, "client");
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        ended();
        if (!this.#dropped.server && !this.#dropped.client) this.destroy();
      });
    }
  }

  break(fault: (typeof FAULTS)[number]): void {
    switch (fault) {
      case "cut to the server":
        this.#cut = "server";
        return;
      case "cut to the client":
        this.#cut = "client";
        return;
      case "half-open":
        // The server sees the end, the client does not.
        this.#dropped = { server: true, client: true };
        this.#server.destroy();
        return;
      case "both half-open":
        this.#dropped = { server: true, client: true };
        setTimeout(() => this.#server.destroy(), HALF_OPEN_MS);
        return;
    }
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  /** Forwards data in order. */
  #pipe(from: Socket, to: Socket, direction: "server" | "client"): void {
    let previous = Promise.resolve();
    from.on("data", (chunk: Buffer) => {
      const delayMs = this.#random() * 100 < DELAYED_PERCENT ? between(this.#random, 1, DELAY_MS) : 0;
      previous = previous.then(async () => {
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
        this.#forward(chunk, to, direction);
      });
    });
    from.on("end", () => {
      previous = previous.then(() => {
        if (!this.#dropped[direction]) to.end();
      });
    });
  }

  #forward(chunk: Buffer, to: Socket, direction: "server" | "client"): void {
    if (this.#dropped[direction] || to.destroyed) return;
    if (this.#cut !== direction) {
      to.write(chunk);
      return;
    }
    const part = chunk.subarray(0, between(this.#random, 1, Math.max(1, chunk.length - 1)));
    to.write(part, () => this.destroy());
    this.#dropped = { server: true, client: true };
  }
}

/** FaultyNetwork forwards connections to a service and breaks some of them. */
export class FaultyNetwork {
  /** Number of broken links by fault. */
  readonly faults = new Map<string, number>();
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #random: Random;

  private constructor(server: Server, random: Random) {
    this.#server = server;
    this.#random = random;
  }

  /** Starts a proxy to `port` of this machine. */
  static async to(port: number, random: Random): Promise<FaultyNetwork> {
    const network = new FaultyNetwork(createServer({ noDelay: true }), random);
    network.#server.on("connection", (client) => {
      const server = connect(port, "127.0.0.1");
      const link = new Link(client, server, random, () => network.#links.delete(link));
      network.#links.add(link);
    });
    network.#server.listen(0, "127.0.0.1");
    await once(network.#server, "listening");
    return network;
  }

  get url(): URL {
    const { port } = this.#server.address() as AddressInfo;
    return new URL(`http://127.0.0.1:${port}/`);
  }

  /** Breaks a random link with a random fault. */
  breakLink(): void {
    const links = [...this.#links];
    const link = links[between(this.#random, 0, links.length - 1)];
    const fault = FAULTS[between(this.#random, 0, FAULTS.length - 1)];
    if (link === undefined || fault === undefined) return;
    this.#links.delete(link);
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    link.break(fault);
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const link of this.#links) link.destroy();
  }
}
