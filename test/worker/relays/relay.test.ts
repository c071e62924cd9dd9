// Relays: objects that serve parts of a large room.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { freshRoom, join } from "../rooms.ts";

test("connections beyond the threshold are served by a relay, with the same events in the same order", async () => {
  const room = freshRoom();
  const ann = await join(room, { name: "Ann" });
  const bob = await join(room, { name: "Bob" });
  const cem = await join(room, { name: "Cem" });
  expect(await connectionsIn(room)).toBe(2);
  cem.command({ type: "send", id: "c1", text: "from the relay" });
  expect(await cem.next("ok")).toMatchObject({ id: "c1", seq: 1 });
  for (const reader of [ann, bob, cem])
    expect(await reader.next("message")).toMatchObject({ seq: 1, text: "from the relay" });
  ann.command({ type: "send", id: "a1", text: "from the room" });
  for (const reader of [ann, bob, cem])
    expect(await reader.next("message")).toMatchObject({ seq: 2, text: "from the room" });
});

function connectionsIn(room: string): Promise<number> {
  return runInDurableObject(env.ROOMS.getByName(room), (_, state) => state.getWebSockets().length);
}
