// Overload: senders exceed the room's capacity. It rejects commands, and delivers every command it accepted.
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import { runtimeMemory } from "../helpers/memory.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { startServe } from "../helpers/service.ts";
import { within } from "../helpers/wait.ts";
import { report, sized } from "./size.ts";

const READERS = 60;
const SENDERS = sized(50, 10);
/** Messages per sender: as many as may be rejected before a connection is closed. */
const EACH = 200;
const FILLER = "x".repeat(8_000);
/** Senders that ignore rejections. */
const FLOODERS = 10;
const OFFERED_BYTES = sized(400_000_000, 100_000_000);
/** Waiting commands, frames on their way to 60 readers, and their garbage. Short runs took 72 to 135 MB. */
const MAX_GROWTH_BYTES = sized(250_000_000, 160_000_000);
const MEMORY_SAMPLE_MS = 20;

test("under overload every command is answered and every acknowledged message delivered", {
  timeout: 240_000,
}, async () => {
  const service = await startServe({ vars: { MESSAGE_RATE: "0" } });
  try {
    const url = service.socket("flood");
    const clients = [];
    for (let i = 0; i < READERS; i += 1) clients.push(await openChat(url));
    const senders = clients.slice(0, SENDERS);

    const commands = senders.map((_, s) => Array.from({ length: EACH }, (_, n) => `${s}-${n}`));
    for (const [s, sender] of senders.entries()) {
      for (const id of commands[s] ?? []) sender.command({ type: "send", id, text: `${id} ${FILLER}` });
    }
    const acknowledged = new Set<string>();
    let rejected = 0;
    const received = new Map(clients.map((client) => [client, [] as string[]]));
    for (const sender of senders) {
      let answers = 0;
      while (answers < EACH) {
        const line = await sender.nextLine();
        if (line.type === "message") received.get(sender)?.push(line.text.split(" ", 1)[0] ?? "");
        if (line.type !== "ok" && line.type !== "error") continue;
        answers += 1;
        if (line.type === "ok") acknowledged.add(line.id);
        else {
          expect(line).toMatchObject({ code: "rate_limited", retryAfter: expect.any(Number) });
          rejected += 1;
        }
      }
    }
    expect(rejected).toBeGreaterThan(0);
    expect(acknowledged.size).toBe(SENDERS * EACH - rejected);

    // After the flood a message is accepted at once, and everyone receives it last.
    const startedAt = performance.now();
    senders[0]?.command({ type: "send", id: "after", text: "after" });
    let answeredMs = 0;
    const orders = [];
    for (const client of clients) {
      const texts = received.get(client) ?? [];
      while (texts.at(-1) !== "after") {
        const line = await client.nextLine();
        if (line.type === "ok") answeredMs = performance.now() - startedAt;
        if (line.type === "message") texts.push(line.text.split(" ", 1)[0] ?? "");
      }
      orders.push(texts);
    }
    report("A flood", {
      readers: READERS,
      "messages offered at once": SENDERS * EACH,
      acknowledged: acknowledged.size,
      rejected,
      "ms until the first message after it is acknowledged": Math.round(answeredMs),
    });
    const [order = []] = orders;
    expect(new Set(order)).toEqual(new Set([...acknowledged, "after"]));
    expect(order).toHaveLength(acknowledged.size + 1);
    for (const other of orders) expect(other).toEqual(order);
  } finally {
    await service.stop();
  }
});

test("memory stays small however much is offered", {
  timeout: 240_000,
}, async () => {
  const service = await startServe({ vars: { MESSAGE_RATE: "0" } });
  const sockets: WebSocket[] = [];
  try {
    for (let i = 0; i < READERS; i += 1) sockets.push(await openReader(service.socket("flood")));
    const senders = sockets.slice(0, FLOODERS);
    // The runtime then has the memory that this many clients need anyway.
    await Promise.all(senders.map((sender, s) => flood(sender, `warm-${s}`, 100)));
    const before = runtimeMemory(service.pid);
    let peak = before;
    const sampling = setInterval(() => {
      peak = Math.max(peak, runtimeMemory(service.pid));
    }, MEMORY_SAMPLE_MS);
    const each = OFFERED_BYTES / FLOODERS / FILLER.length;
    const rejected = await Promise.all(senders.map((sender, s) => flood(sender, `flood-${s}`, each)));
    clearInterval(sampling);
    report("A flood's memory", {
      "MB offered": OFFERED_BYTES / 1e6,
      "messages rejected": rejected.reduce((sum, count) => sum + count, 0),
      "of 60 readers disconnected": sockets.filter(({ readyState }) => readyState !== WebSocket.OPEN).length,
      "MB more memory": Math.round((peak - before) / 1e6),
    });
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
  } finally {
    for (const socket of sockets) socket.terminate();
    await service.stop();
  }
});

/** Opens a socket, says hello and waits for the welcome. */
async function openReader(url: URL): Promise<WebSocket> {
  const socket = new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: false });
  const welcomed = new Promise((resolve) => socket.once("message", resolve));
  await within("the socket to open", new Promise((resolve) => socket.once("open", resolve)));
  socket.send('{"type":"hello","history":0}');
  await within("the welcome", welcomed);
  return socket;
}

/** Sends messages at once and waits until each is answered or the socket closes. Returns how many were rejected. */
async function flood(socket: WebSocket, name: string, messages: number): Promise<number> {
  let answers = 0;
  let rejected = 0;
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  const count = (frame: Buffer) => {
    for (const [, answer] of frame.toString("latin1").matchAll(/"type":"(ok|error)"/g)) {
      answers += 1;
      if (answer === "error") rejected += 1;
    }
    if (answers === messages) resolve();
  };
  socket.on("message", count);
  socket.on("close", resolve);
  for (let n = 0; n < messages; n += 1) {
    socket.send(JSON.stringify({ type: "send", id: `${name}-${n}`, text: FILLER }));
  }
  await within(`${messages} answers or a close`, answered, 200_000);
  socket.off("message", count);
  return rejected;
}
