// Readers that stop reading: the other readers and the memory are not affected.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ChatClient } from "../../src/client/index.ts";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import { runtimeMemory } from "../helpers/memory.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { eventually, within } from "../helpers/wait.ts";
import { report, sized } from "./size.ts";

const READERS = sized(45, 5);
const PAUSED = 5;
const TEXT = "x".repeat(8_000);
/** As many messages as offer 200 MB to those who do not read, or more than the system's own buffers hold. */
const MESSAGES = sized(200_000_000, 80_000_000) / PAUSED / TEXT.length;
/** As many before, while all of them read: the runtime then has what memory this load needs anyway. */
const WARM_UP = MESSAGES;
/** Without the limit it would be what is offered less what the system buffers. */
const MAX_GROWTH_BYTES = sized(50_000_000, 80_000_000);
const LONG_MS = 240_000;

/** Reader counts what it is sent; it can stop taking anything from its link. */
class Reader {
  readonly socket: WebSocket;
  /** Seq of the last event, each of which must follow the one before. */
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
    return eventually(`seq ${seq}`, () => this.seq >= seq, subscribe, LONG_MS);
  }

  #read(frame: string): void {
    for (const [, seq] of frame.matchAll(/"text":"x+","seq":(\d+)/g)) {
      expect(Number(seq)).toBe(this.seq + 1);
      this.seq = Number(seq);
    }
    for (const listener of this.#listeners) listener();
  }
}

describe("readers who stop reading", () => {
  let service: Service;

  beforeAll(async () => {
    service = await startServe({ vars: { MESSAGE_RATE: "0", HISTORY_LIMIT: "100000" } });
  });

  afterAll(() => service.stop());

  it(
    "are closed 4008, cost little memory, hold nobody up, and have everything in the end",
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
      report("slow readers", {
        "of them": PAUSED,
        "readers in all": PAUSED + READERS,
        "MB offered to the slow": (MESSAGES * TEXT.length * PAUSED) / 1e6,
        "MB more memory": Math.round((peak - before) / 1e6),
      });
      expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);

      for (const { socket } of paused) socket.resume();
      const codes = await within("the paused to be closed", Promise.all(paused.map(({ closed }) => closed)));
      expect(codes).toEqual(Array(PAUSED).fill(4008));
      await Promise.all(paused.map(({ seq }) => catchUp(url, seq)));
      sender.close();
      for (const { socket } of readers) socket.terminate();
    },
    LONG_MS,
  );
});

/** Sends `messages` messages, 16 at a time; gives the most memory, in bytes, that the runtime had meanwhile. */
async function flood(sender: ChatClient, messages: number, pid: number): Promise<number> {
  let peak = runtimeMemory(pid);
  for (let left = messages; left > 0; left -= 16) {
    await Promise.all(Array.from({ length: Math.min(16, left) }, () => sender.send(TEXT)));
    peak = Math.max(peak, runtimeMemory(pid));
  }
  return peak;
}

/** Reads all that follows `seq` over HTTP, as a reader does who missed more than a resume brings. */
async function catchUp(socket: URL, seq: number): Promise<void> {
  const api = new URL("/api/rooms/slow/messages", socket);
  api.protocol = "http:";
  let at = seq;
  for (let more = true; more; ) {
    api.search = `?after=${at}&limit=100`;
    const page: unknown = await (await fetch(api)).json();
    if (typeof page !== "object" || page === null || !("events" in page) || !Array.isArray(page.events)) {
      throw new Error("not a page");
    }
    for (const event of page.events) {
      expect(event.seq).toBe(at + 1);
      at = event.seq;
    }
    more = page.events.length > 0;
  }
  expect(at).toBe(WARM_UP + MESSAGES);
}
