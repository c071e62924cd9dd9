// A flood of new identities: 200 sockets with fresh keys send as fast as they may into a room with slow mode, or knock.
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import type { ClientLine } from "../../src/protocol/commands.ts";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import type { ChatSocket } from "../helpers/line-socket.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { poll, within } from "../helpers/wait.ts";
import { report, sized } from "./size.ts";

const FLOODERS = 200;
/** Sockets of one network: each has an IPv4 address of its own. */
const PER_NETWORK = 5;
const MEMBERS = 10;
/** Messages of each member, without the flood and with it. */
const ROUNDS = sized(10, 3);
const SLOW_MODE_MS = 2_000;
/** As fast as the limits of a connection and of rejected commands allow for long. */
const FLOOD_INTERVAL_MS = 110;
const SECRET = "o".repeat(43);

const SETTINGS: Record<string, Partial<Extract<ClientLine, { type: "settings" }>>> = {
  "slow mode": { slowMode: SLOW_MODE_MS },
  knocking: { entry: "knock" },
};

test.each(Object.keys(SETTINGS))(
  "with %s, a room stays usable for its members while 200 new keys flood it",
  async (name) => {
    const service = await startServe();
    const flood = new Flood(service);
    try {
      const url = service.socket("flooded");
      const owner = await openChat(url, { hello: { key: freshKey(), owner: SECRET, claim: {} } });
      const members = [];
      for (let n = 0; n < MEMBERS; n += 1) members.push(await openChat(url, { hello: { key: freshKey() } }));
      await done(owner, { type: "settings", id: "setting", ...SETTINGS[name] });
      const room = new Room(members);
      const calm = await room.talk("calm", ROUNDS);
      flood.start();
      await poll("every socket of the flood to be answered", async () => flood.answered === FLOODERS);
      const flooded = await room.talk("flooded", ROUNDS);

      // Moderators act on the flood at once.
      await done(owner, { type: "mute", id: "mute", member: flood.users[0] ?? "" });
      await done(owner, { type: "settings", id: "lock", locked: true });
      const late = new WebSocket(url, SUBPROTOCOL);
      late.on("open", () => late.send(JSON.stringify({ type: "hello", key: freshKey() })));
      const code = await within("the lock", new Promise((resolve) => late.on("close", resolve)));
      expect(code).toBe(4507);
      await room.checkOrder();
      report(`A flood of new keys, ${name}`, {
        sockets: FLOODERS,
        "commands of the flood": flood.sent,
        "of them accepted": flood.accepted,
        "ms until a member's message is acknowledged without it (median)": median(calm),
        "with it": median(flooded),
      });
      if (name === "knocking") expect(flood.accepted).toBe(0);
    } finally {
      flood.stop();
      await service.stop();
    }
  },
  240_000,
);

/** Room is what its members send and receive. */
class Room {
  readonly #members: readonly ChatSocket[];
  /** Texts that were acknowledged. */
  readonly #acknowledged: string[] = [];

  constructor(members: readonly ChatSocket[]) {
    this.#members = members;
  }

  /** Lets each member send `rounds` messages. Returns the times until they were acknowledged, ms. */
  async talk(name: string, rounds: number): Promise<number[]> {
    const times = this.#members.map(async (member, m) => {
      const own: number[] = [];
      for (let n = 0; n < rounds; n += 1) own.push(await this.#say(member, `${name}-${m}-${n}`));
      return own;
    });
    return (await Promise.all(times)).flat();
  }

  /** Every member received every acknowledged message of the members once, all in the same order. */
  async checkOrder(): Promise<void> {
    const orders = [];
    for (const member of this.#members) {
      const own = () =>
        member.heard.flatMap((line) => {
          const { type, text } = JSON.parse(line);
          return type === "message" && /^(calm|flooded)-/.test(text) ? [String(text)] : [];
        });
      await poll("a member to have every message", async () => own().length >= this.#acknowledged.length);
      orders.push(own());
    }
    const [first = []] = orders;
    expect(first.toSorted()).toEqual(this.#acknowledged.toSorted());
    for (const order of orders) expect(order).toEqual(first);
  }

  /** Sends a message, again when slow mode allows it. Returns the time until it was acknowledged, ms. */
  async #say(member: ChatSocket, text: string): Promise<number> {
    for (;;) {
      const startedAt = performance.now();
      member.command({ type: "send", id: text, text });
      const answer = await answerTo(member, text);
      if (answer.type === "ok") {
        this.#acknowledged.push(text);
        return performance.now() - startedAt;
      }
      expect(answer).toMatchObject({ cause: "slow_mode" });
      await new Promise((resolve) => setTimeout(resolve, answer.retryAfter));
    }
  }
}

/** Flood is many sockets with a new key each. A socket that the room closes stays closed. */
class Flood {
  /** Sockets that received their first frame, or were closed. */
  answered = 0;
  sent = 0;
  accepted = 0;
  /** User ids of the flood. */
  readonly users: string[] = [];
  readonly #service: Service;
  readonly #sockets: WebSocket[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(service: Service) {
    this.#service = service;
  }

  start(): void {
    for (let n = 0; n < FLOODERS; n += 1) this.#open(n);
    this.#timer = setInterval(() => {
      for (const socket of this.#sockets) {
        if (socket.readyState !== WebSocket.OPEN) continue;
        this.sent += 1;
        socket.send(JSON.stringify({ type: "send", id: `f-${this.sent}`, text: `spam ${this.sent}` }));
      }
    }, FLOOD_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.terminate();
  }

  #open(n: number): void {
    const address = `203.0.113.${Math.floor(n / PER_NETWORK)}`;
    const socket = new WebSocket(this.#service.socket("flooded"), SUBPROTOCOL, {
      headers: { "CF-Connecting-IP": address },
      perMessageDeflate: false,
    });
    this.#sockets.push(socket);
    let isAnswered = false;
    const answer = () => {
      if (!isAnswered) this.answered += 1;
      isAnswered = true;
    };
    socket.on("open", () => socket.send(JSON.stringify({ type: "hello", key: freshKey(), history: 0 })));
    socket.on("message", (frame: Buffer) => {
      const text = frame.toString();
      const user = /"you":\{"user":"(\w+)"/.exec(text)?.[1];
      if (user !== undefined) this.users.push(user);
      this.accepted += text.split('"type":"ok"').length - 1;
      answer();
    });
    socket.on("close", answer);
    socket.on("error", answer);
  }
}

/** Sends a command and waits for its `ok`. */
async function done(socket: ChatSocket, command: ClientLine & { readonly id: string }): Promise<void> {
  socket.command(command);
  expect(await answerTo(socket, command.id)).toMatchObject({ type: "ok" });
}

async function answerTo(socket: ChatSocket, id: string) {
  for (;;) {
    const line = await socket.nextLine();
    if ((line.type === "ok" || line.type === "error") && line.id === id) return line;
  }
}

function freshKey(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
}
