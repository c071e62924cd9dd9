// A quiet room in real time: it hibernates, pings do not wake it, and a dead connection is found.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PING } from "../../src/protocol/frame.ts";
import type { ChatSocket } from "../helpers/line-socket.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { within } from "../helpers/wait.ts";

/** A room hibernates after 10 s, of which no event tells; a dead connection is found after 90 s. */
const HIBERNATED_AFTER_MS = 13_000;
const STALE_FOUND_WITHIN_MS = 110_000;

let service: Service;

beforeAll(async () => {
  service = await startServe({ vars: { MESSAGE_RATE: "0.001", MESSAGE_BURST: "1" } });
});

afterAll(() => service?.stop());

/** Pings in an interval. Returns a function that stops it and returns the number of pings. */
function ping(sockets: readonly ChatSocket[], intervalMs: number): () => number {
  let pings = 0;
  const timer = setInterval(() => {
    pings += 1;
    for (const socket of sockets) socket.sendFrame(PING);
  }, intervalMs);
  return () => {
    clearInterval(timer);
    return pings;
  };
}

test.concurrent("a room with 100 pinging sockets hibernates and serves them afterwards", async () => {
  const sockets = await Promise.all(
    Array.from({ length: 100 }, (_, i) => openChat(service.socket("quiet"), { hello: { name: `p${i}` } })),
  );
  const [ann] = sockets;
  if (ann === undefined) throw new Error("no sockets");
  // The rate limit is in memory: until the room hibernates, a second message waits 1,000 s.
  ann.command({ type: "send", id: "a", text: "one" }, { type: "send", id: "b", text: "two" });
  expect(await ann.next("error")).toMatchObject({ id: "b", code: "rate_limited" });

  const stopPinging = ping(sockets, 2_000);
  await new Promise((resolve) => setTimeout(resolve, HIBERNATED_AFTER_MS));
  const pings = stopPinging();
  ann.command({ type: "send", id: "c", text: "three" });

  expect(await ann.next("ok")).toMatchObject({ id: "a" });
  expect(await ann.next("ok")).toMatchObject({ id: "c", seq: 2 });
  await Promise.all(
    sockets.map((socket) => socket.linesUntil((line) => line.type === "message" && line.seq === 2)),
  );
  for (const socket of sockets) {
    expect(socket.heard.filter((line) => line === '{"type":"pong"}').length).toBe(pings);
  }
});

test.concurrent(
  "a user whose connection dies silently leaves presence",
  async () => {
    const proxy = await openProxy(service.url);
    const ann = await openChat(service.socket("stale"), { hello: { name: "Ann" } });
    const bo = await openChat(new URL("/ws/stale", proxy.url), { hello: { name: "Bo" } });
    // The pongs also keep each read from timing out.
    const stopPinging = ping([ann], 5_000);
    await ann.linesUntil((line) => line.type === "presence" && line.online === 2);
    proxy.goSilent();
    const left = ann.linesUntil((line) => line.type === "presence" && line.leave !== undefined);
    const lines = await within("the dead connection to leave", left, STALE_FOUND_WITHIN_MS);
    stopPinging();
    expect(lines.at(-1)).toEqual({ type: "presence", online: 1, leave: [bo.welcome.you.user] });
    ann.command({ type: "send", id: "a", text: "still here" });
    expect(await ann.next("ok")).toMatchObject({ id: "a" });
    proxy.close();
  },
  STALE_FOUND_WITHIN_MS + 20_000,
);

/** A TCP proxy to `target` that can go silent: open at both ends, but it forwards nothing. */
async function openProxy(target: URL): Promise<{ url: URL; goSilent(): void; close(): void }> {
  const ends: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    near.pipe(far);
    far.pipe(near);
    for (const end of [near, far]) end.on("error", () => end.destroy());
    ends.push(near, far);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port }: Pick<AddressInfo, "port"> = addressOf(server.address());
  return {
    url: new URL(`ws://127.0.0.1:${port}`),
    goSilent() {
      for (const end of ends) end.unpipe().pause();
    },
    close() {
      for (const end of ends) end.destroy();
      server.close();
    },
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return address;
}
