// Overload: far more is said at once than the room can tell everyone; it refuses what it must, and stands by what it took.
import { expect, test } from "vitest";
import { openChat } from "../helpers/raw-socket.ts";
import { startServe } from "../helpers/service.ts";
import { report, sized } from "./size.ts";

const READERS = 60;
const SENDERS = 10;
const EACH = sized(1_000, 200);
const FILLING = "x".repeat(8_000);

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
