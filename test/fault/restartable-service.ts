// A service that is killed and restarted, at the same address and with the same state.
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { stablePort } from "../helpers/port.ts";
import { type Service, startServe } from "../helpers/service.ts";

export class RestartableService {
  /** Number of kills so far. */
  kills = 0;
  readonly #state: string;
  readonly #vars: Readonly<Record<string, string>>;
  readonly #secrets: Readonly<Record<string, string>>;
  #service: Service;

  private constructor(
    state: string,
    vars: Readonly<Record<string, string>>,
    secrets: Readonly<Record<string, string>>,
    service: Service,
  ) {
    this.#state = state;
    this.#vars = vars;
    this.#secrets = secrets;
    this.#service = service;
  }

  /** Starts the service, by default without a rate limit and without pruning. */
  static async start(
    vars: Readonly<Record<string, string>> = {},
    secrets: Readonly<Record<string, string>> = {},
  ): Promise<RestartableService> {
    const state = await mkdtemp(join(tmpdir(), "edge-chat-fault-"));
    const all = { MESSAGE_RATE: "0", HISTORY_LIMIT: "1000000", ...vars };
    const service = await startServe({ state, vars: all, secrets, port: await stablePort() });
    return new RestartableService(state, all, secrets, service);
  }

  /** Folder that holds the rooms. */
  get state(): string {
    return this.#state;
  }

  get url(): URL {
    return this.#service.url;
  }

  get port(): number {
    return Number(this.url.port);
  }

  /** Ends all its processes with SIGKILL. */
  async kill(): Promise<void> {
    this.kills += 1;
    await this.#service.kill();
  }

  /** Starts it again after a kill. */
  async restart(): Promise<void> {
    this.#service = await startServe({
      ...{ state: this.#state, vars: this.#vars, secrets: this.#secrets },
      port: this.port,
    });
  }

  /** Opens the database of its only room with messages, while the service does not run. */
  edit<T>(work: (db: DatabaseSync) => T): T {
    const [path, ...others] = this.#databases().filter((file) => tablesOf(file).includes("messages"));
    if (path === undefined || others.length > 0) throw new Error("there is not one room with messages");
    using db = new DatabaseSync(path);
    return work(db);
  }

  /** Names of the tables in the databases of all rooms, while the service does not run. */
  tables(): string[] {
    return this.#databases().flatMap(tablesOf);
  }

  #databases(): string[] {
    const files = readdirSync(this.#state, { recursive: true, withFileTypes: true });
    return files
      .filter(({ name }) => /^[0-9a-f]{64}\.sqlite$/.test(name))
      .map(({ parentPath, name }) => join(parentPath, name));
  }

  /** Ends it and removes its state. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service.kill();
    await rm(this.#state, { recursive: true, force: true, maxRetries: 5 });
  }
}

function tablesOf(path: string): string[] {
  using db = new DatabaseSync(path);
  return db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
    .map(({ name }) => String(name));
}

/** Addresses of `room` at a service that is reached through `url`. */
export function addressesOf(url: URL, room: string): { socket: URL; messages: URL } {
  const socket = new URL(`/ws/${room}`, url);
  socket.protocol = "ws:";
  return { socket, messages: new URL(`/api/rooms/${room}/messages`, url) };
}
