// A bad network: a TCP proxy that delays what passes, cuts connections in the middle of a frame, and leaves
// links that look alive and carry nothing.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { between, type Random } from "./random.ts";

/** How a link may end. */
const WAYS = ["cut to the server", "cut to the client", "half-open", "both half-open"] as const;

/** How long a dead link looks alive to the server, ms. */
const GHOST_MS = 4_000;
/** Longest delay of a chunk, ms, and how many of a hundred are delayed. */
const DELAY_MS = 40;
const DELAYED_PERCENT = 10;

/** Link is one client's connection through the network. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #random: Random;
  /** Directions that carry nothing any more. */
  #deaf = { server: false, client: false };
  /** What to do with the next chunk of a direction: pass on a part of it, and then nothing more. */
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
        if (!this.#deaf.server && !this.#deaf.client) this.destroy();
      });
    }
  }

  /** Ends it in one of the ways. */
  end(way: (typeof WAYS)[number]): void {
    switch (way) {
      case "cut to the server":
        this.#cut = "server";
        return;
      case "cut to the client":
        this.#cut = "client";
        return;
      case "half-open":
        // The server sees it end; the client is not told.
        this.#deaf = { server: true, client: true };
        this.#server.destroy();
        return;
      case "both half-open":
        this.#deaf = { server: true, client: true };
        setTimeout(() => this.#server.destroy(), GHOST_MS);
        return;
    }
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  /** Passes on what comes, in its order. */
  #pipe(from: Socket, to: Socket, direction: "server" | "client"): void {
    let before = Promise.resolve();
    from.on("data", (chunk: Buffer) => {
      const delayMs = this.#random() * 100 < DELAYED_PERCENT ? between(this.#random, 1, DELAY_MS) : 0;
      before = before.then(async () => {
        if (delayMs > 0) await new Promise((pass) => setTimeout(pass, delayMs));
        this.#pass(chunk, to, direction);
      });
    });
    from.on("end", () => {
      before = before.then(() => {
        if (!this.#deaf[direction]) to.end();
      });
    });
  }

  #pass(chunk: Buffer, to: Socket, direction: "server" | "client"): void {
    if (this.#deaf[direction] || to.destroyed) return;
    if (this.#cut !== direction) {
      to.write(chunk);
      return;
    }
    const part = chunk.subarray(0, between(this.#random, 1, Math.max(1, chunk.length - 1)));
    to.write(part, () => this.destroy());
    this.#deaf = { server: true, client: true };
  }
}

/** BadNetwork is the way to a service. */
export class BadNetwork {
  /** Links that were ended, by how. */
  readonly cuts = new Map<string, number>();
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #random: Random;

  private constructor(server: Server, random: Random) {
    this.#server = server;
    this.#random = random;
  }

  /** A way to the service at `port` of this machine. */
  static async to(port: number, random: Random): Promise<BadNetwork> {
    const network = new BadNetwork(createServer({ noDelay: true }), random);
    network.#server.on("connection", (client) => {
      const server = connect(port, "127.0.0.1");
      const link = new Link(client, server, random, () => network.#links.delete(link));
      network.#links.add(link);
    });
    network.#server.listen(0, "127.0.0.1");
    await once(network.#server, "listening");
    return network;
  }

  /** Where it listens. */
  get url(): URL {
    const { port } = this.#server.address() as AddressInfo;
    return new URL(`http://127.0.0.1:${port}/`);
  }

  /** Ends one of the links, in one of the ways. */
  cut(): void {
    const links = [...this.#links];
    const link = links[between(this.#random, 0, links.length - 1)];
    const way = WAYS[between(this.#random, 0, WAYS.length - 1)];
    if (link === undefined || way === undefined) return;
    this.#links.delete(link);
    this.cuts.set(way, (this.cuts.get(way) ?? 0) + 1);
    link.end(way);
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#server.close();
    for (const link of this.#links) link.destroy();
  }
}
