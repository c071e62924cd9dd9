// Readers that stop reading affect neither the other readers nor the memory.
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ChatClient } from "../../src/client/index.ts";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import { runtimeMemory } from "../helpers/memory.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { eventually, within } from "../helpers/wait.ts";
import { readLog } from "./log-reader.ts";
import { addressesOf } from "./restartable-service.ts";
import { report, sized } from "./size.ts";

const READERS = sized(45, 5);
const PAUSED = 5;
const TEXT = "x".repeat(8_000);
/** Messages that offer 200 MB to the paused readers, or at least more than the system's buffers hold. */
const MESSAGES = sized(200_000_000, 80_000_000) / PAUSED / TEXT.length;
/** Messages before that, while all readers read: the runtime then has the memory that this load needs anyway. */
const WARM_UP = MESSAGES;
/** Without the limit, the growth would be the offered bytes minus the system's buffers. */
const MAX_GROWTH_BYTES = sized(50_000_000, 80_000_000);
const TIMEOUT_MS = 240_000;

/** Reader counts the messages that it receives. Its socket can be paused. */
class Reader {
  readonly socket: WebSocket;
  /** Seq of the last event. Each must follow the previous one. */
  seq = 0;
  readonly closed: Promise<number>;
  readonly #listeners = new Set<() => void>();

  constructor(url: URL) {
    this.socket = new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: false });
    this.socket.on("open", () => this.socket.send('{"type":"hello","history":0}'));
    this.socket.on("message", (data) => this.#read(String(data)));
    this.socket.on("error", () => {});
    const { promise, resolve } = Promise.withResolvers<number>();
    this.closed = promise;
    this.socket.on("close", resolve);
  }

  reach(seq: number): Promise<unknown> {
    const subscribe = (listener: () => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    };
    return eventually(`seq ${seq}`, () => this.seq >= seq, subscribe, TIMEOUT_MS);
  }

  #read(frame: string): void {
    for (const line of frame.split("\n")) {
      if (!line.startsWith('{"type":"message"')) continue;
      const seq = Number(/"seq":(\d+)/.exec(line)?.[1]);
      expect(seq).toBe(this.seq + 1);
      this.seq = seq;
    }
    for (const listener of this.#listeners) listener();
  }
}

let service: Service;
beforeAll(async () => {
  service = await startServe({ vars: { MESSAGE_RATE: "0", HISTORY_LIMIT: "100000" } });
});
afterAll(() => service?.stop());

test(
  "readers that stop reading are closed with 4008, cost little memory and miss nothing",
  async () => {
    const url = service.socket("slow");
    const readers = Array.from({ length: READERS }, () => new Reader(url));
    const paused = Array.from({ length: PAUSED }, () => new Reader(url));
    const sender = new ChatClient({ url: url.href, history: 0 });
    sender.connect();
    const before = await flood(sender, WARM_UP, service.pid);
    await Promise.all([...readers, ...paused].map((reader) => reader.reach(WARM_UP)));
    for (const { socket } of paused) socket.pause();
    const peak = await flood(sender, MESSAGES, service.pid);
    await Promise.all(readers.map((reader) => reader.reach(WARM_UP + MESSAGES)));
    report("Slow readers", {
      "paused readers": PAUSED,
      "readers in all": PAUSED + READERS,
      "MB offered to the paused": (MESSAGES * TEXT.length * PAUSED) / 1e6,
      "MB more memory": Math.round((peak - before) / 1e6),
    });
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);

    for (const { socket } of paused) socket.resume();
    const codes = await within(
      "the paused readers to be closed",
      Promise.all(paused.map(({ closed }) => closed)),
    );
    expect(codes).toEqual(Array(PAUSED).fill(4008));
    // A client that was too slow reads the rest over HTTP.
    const last = Math.min(...paused.map(({ seq }) => seq));
    const rest = await readLog(addressesOf(service.url, "slow").messages, last);
    if (rest === "pruned") throw new Error("the log was pruned");
    const missed = Array.from({ length: WARM_UP + MESSAGES - last }, (_, n) => last + 1 + n);
    expect(rest.map(({ seq }) => seq)).toEqual(missed);
    sender.close();
    for (const { socket } of readers) socket.terminate();
  },
  TIMEOUT_MS,
);

/** Sends messages, 16 at a time. Returns the peak of the runtime's memory, in bytes. */
async function flood(sender: ChatClient, messages: number, pid: number): Promise<number> {
  let peak = runtimeMemory(pid);
  for (let left = messages; left > 0; left -= 16) {
    await Promise.all(Array.from({ length: Math.min(16, left) }, () => sender.send(TEXT)));
    peak = Math.max(peak, runtimeMemory(pid));
  }
  return peak;
}
