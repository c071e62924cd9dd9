// Clients that ask for history at the allowed rate and read nothing: the room's memory stays bounded.
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import { runtimeMemory } from "../helpers/memory.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { report, sized } from "./size.ts";

const READERS = 50;
const TEXT = "x".repeat(8_000);
const MESSAGES = 100;
/** The limit of a connection: 10 requests a second. */
const SECONDS = sized(20, 4);
const REQUESTS = Array.from({ length: 10 }, (_, i) =>
  JSON.stringify({ type: "history", id: `h${i}`, before: 1_000, limit: 100 }),
).join("\n");
const MAX_GROWTH_BYTES = 50_000_000;
const TIMEOUT_MS = 180_000;

let service: Service;
beforeAll(async () => {
  service = await startServe({ vars: { MESSAGE_RATE: "0" } });
});
afterAll(() => service?.stop());

test(
  "50 readers that ask for history and read nothing cost less than 50 MB",
  async () => {
    const url = service.socket("unread");
    const probe = await openChat(url);
    for (let i = 0; i < MESSAGES; i += 1) {
      probe.command({ type: "send", id: `m${i}`, text: TEXT });
      await probe.next("ok");
    }
    const readers = Array.from(
      { length: READERS },
      () => new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: false }),
    );
    await Promise.all(
      readers.map(async (reader) => {
        await once(reader, "open");
        reader.send('{"type":"hello","history":0}');
        await once(reader, "message");
      }),
    );
    /** Sends the requests of all readers. Returns the peak of the runtime's memory, in bytes. */
    const ask = async (phase: string) => {
      let peak = 0;
      for (let second = 0; second < SECONDS; second += 1) {
        for (const reader of readers) reader.send(REQUESTS);
        await pause(1_000);
        // The room still answers a client that reads.
        probe.command({ type: "send", id: `${phase}${second}`, text: "still here" });
        await probe.next("ok");
        peak = Math.max(peak, runtimeMemory(service.pid));
      }
      return peak;
    };
    // While all read, the runtime gets the memory that this load needs anyway.
    const before = await ask("warm-up");
    for (const reader of readers) reader.pause();
    const peak = await ask("paused");
    report("Unread answers", {
      readers: READERS,
      requests: READERS * SECONDS * 10,
      "MB more memory": Math.round((peak - before) / 1e6),
    });
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
    for (const reader of readers) reader.terminate();
    await probe.close();
  },
  TIMEOUT_MS,
);
