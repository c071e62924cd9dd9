// Overload: far more is said at once than the room can tell everyone; it refuses what it must, and stands by what it took.
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
/** As many as may be refused before whoever sends them is closed. */
const EACH = 200;
const FILLING = "x".repeat(8_000);
/** Those who go on and on, whatever they are told. */
const FLOODERS = 10;
const OFFERED_BYTES = sized(400_000_000, 100_000_000);
/** For what waits and what is on its way to 60 readers, and the garbage of both. */
const MAX_GROWTH_BYTES = sized(250_000_000, 130_000_000);
const MEMORY_LOOK_MS = 20;

test("a flood is answered command by command, everyone gets what was acknowledged, and then all is as before", {
  timeout: 240_000,
}, async () => {
  const service = await startServe({ vars: { MESSAGE_RATE: "0" } });
  try {
    const url = service.socket("flood");
    const people = [];
    for (let i = 0; i < READERS; i += 1) people.push(await openChat(url));
    const senders = people.slice(0, SENDERS);

    const commands = senders.map((_, s) => Array.from({ length: EACH }, (_, n) => `${s}-${n}`));
    for (const [s, sender] of senders.entries()) {
      for (const id of commands[s] ?? []) sender.command({ type: "send", id, text: `${id} ${FILLING}` });
    }
    const acknowledged = new Set<string>();
    let refused = 0;
    const said = new Map(people.map((person) => [person, [] as string[]]));
    for (const sender of senders) {
      let answers = 0;
      while (answers < EACH) {
        const line = await sender.nextLine();
        if (line.type === "message") said.get(sender)?.push(line.text.split(" ", 1)[0] ?? "");
        if (line.type !== "ok" && line.type !== "error") continue;
        answers += 1;
        if (line.type === "ok") acknowledged.add(line.id);
        else {
          expect(line).toMatchObject({ code: "rate_limited", retryAfter: expect.any(Number) });
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(acknowledged.size).toBe(SENDERS * EACH - refused);

    // The flood is over: what is said now is taken at once, and it is the last that everyone hears.
    const over = performance.now();
    senders[0]?.command({ type: "send", id: "after", text: "after" });
    let answeredMs = 0;
    const orders = [];
    for (const person of people) {
      const heard = said.get(person) ?? [];
      while (heard.at(-1) !== "after") {
        const line = await person.nextLine();
        if (line.type === "ok") answeredMs = performance.now() - over;
        if (line.type === "message") heard.push(line.text.split(" ", 1)[0] ?? "");
      }
      orders.push(heard);
    }
    report("A flood", {
      readers: READERS,
      "messages offered at once": SENDERS * EACH,
      acknowledged: acknowledged.size,
      refused,
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

test("however much some offer, the server holds a small part of it", {
  timeout: 240_000,
}, async () => {
  const service = await startServe({ vars: { MESSAGE_RATE: "0" } });
  const sockets: WebSocket[] = [];
  try {
    for (let i = 0; i < READERS; i += 1) sockets.push(await openCounting(service.socket("flood")));
    const senders = sockets.slice(0, FLOODERS);
    // The runtime then has what memory any crowd of this size needs.
    await Promise.all(senders.map((sender, s) => flood(sender, `warm-${s}`, 100)));
    const before = runtimeMemory(service.pid);
    let peak = before;
    const look = setInterval(() => {
      peak = Math.max(peak, runtimeMemory(service.pid));
    }, MEMORY_LOOK_MS);
    const each = OFFERED_BYTES / FLOODERS / FILLING.length;
    const refused = await Promise.all(senders.map((sender, s) => flood(sender, `flood-${s}`, each)));
    clearInterval(look);
    report("A flood's memory", {
      "MB offered": OFFERED_BYTES / 1e6,
      "messages refused": refused.reduce((sum, count) => sum + count, 0),
      "of 60 readers cut": sockets.filter(({ readyState }) => readyState !== WebSocket.OPEN).length,
      "MB more memory": Math.round((peak - before) / 1e6),
    });
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
  } finally {
    for (const socket of sockets) socket.terminate();
    await service.stop();
  }
});

/** A socket that has joined, and reads what comes without looking at it. */
async function openCounting(url: URL): Promise<WebSocket> {
  const socket = new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: false });
  const welcomed = new Promise((welcome) => socket.once("message", welcome));
  await within("the socket to open", new Promise((open) => socket.once("open", open)));
  socket.send('{"type":"hello","history":0}');
  await within("the welcome", welcomed);
  return socket;
}

/** Offers so many messages at once, and waits until each has its answer, or the socket is cut; gives how many were refused. */
async function flood(socket: WebSocket, name: string, messages: number): Promise<number> {
  let answers = 0;
  let refused = 0;
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  const count = (frame: Buffer) => {
    for (const [, answer] of frame.toString("latin1").matchAll(/"type":"(ok|error)"/g)) {
      answers += 1;
      if (answer === "error") refused += 1;
    }
    if (answers === messages) resolve();
  };
  socket.on("message", count);
  socket.on("close", resolve);
  for (let n = 0; n < messages; n += 1) {
    socket.send(JSON.stringify({ type: "send", id: `${name}-${n}`, text: FILLING }));
  }
  await within(`${messages} answers or the end`, answered, 200_000);
  socket.off("message", count);
  return refused;
}
