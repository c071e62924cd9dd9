// A service that is killed and started again, at the same address and over the same state.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastingPort } from "../helpers/port.ts";
import { type Service, startServe } from "../helpers/service.ts";

/** MortalService is one service in many lives. */
export class MortalService {
  /** Lives that ended with SIGKILL. */
  kills = 0;
  readonly #state: string;
  readonly #vars: Readonly<Record<string, string>>;
  #service: Service;

  private constructor(state: string, vars: Readonly<Record<string, string>>, service: Service) {
    this.#state = state;
    this.#vars = vars;
    this.#service = service;
  }

  /** Starts it for the first time, without a rate limit. */
  static async start(vars: Readonly<Record<string, string>> = {}): Promise<MortalService> {
    const state = await mkdtemp(join(tmpdir(), "edge-chat-fault-"));
    const all = { MESSAGE_RATE: "0", HISTORY_LIMIT: "1000000", ...vars };
    return new MortalService(state, all, await startServe({ state, vars: all, port: await lastingPort() }));
  }

  get url(): URL {
    return this.#service.url;
  }

  /** Port that it listens on, in each of its lives. */
  get port(): number {
    return Number(this.url.port);
  }

  /** Ends it at once, with SIGKILL. */
  async kill(): Promise<void> {
    this.kills += 1;
    await this.#service.kill();
  }

  /** Starts it again, after a kill. */
  async restart(): Promise<void> {
    this.#service = await startServe({ state: this.#state, vars: this.#vars, port: this.port });
  }

  /** Ends it for good, and removes what it kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service.kill();
    await rm(this.#state, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Addresses of `room` at a service that is reached through `url`. */
export function addressesOf(url: URL, room: string): { socket: URL; messages: URL } {
  const socket = new URL(`/ws/${room}`, url);
  socket.protocol = "ws:";
  return { socket, messages: new URL(`/api/rooms/${room}/messages`, url) };
}
