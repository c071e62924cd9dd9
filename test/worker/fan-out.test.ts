import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { parseSession } from "../../src/room/session.ts";
import { freshRoom, join } from "./rooms.ts";

test("sends to all other sockets while one is closing", async () => {
  const room = freshRoom();
  // The closing socket is neither the first nor the last of the room.
  const ann = await join(room, { name: "Ann" });
  const closing = await join(room, { name: "Closing" });
  const bob = await join(room, { name: "Bob" });
  await runInDurableObject(env.ROOMS.getByName(room), (instance, state) => {
    const socketOf = (name: string) => {
      const socket = state
        .getWebSockets()
        .find((ws) => parseSession(ws.deserializeAttachment())?.name === name);
      if (socket === undefined) throw new Error(`${name} has no socket`);
      return socket;
    };
    socketOf("Closing").close(4000, "closing");
    // In the same turn, before the room has handled the close.
    instance.webSocketMessage(socketOf("Ann"), JSON.stringify({ type: "send", id: "a", text: "one" }));
    instance.webSocketMessage(socketOf("Bob"), JSON.stringify({ type: "send", id: "b", text: "two" }));
  });
  for (const member of [ann, bob]) {
    expect(await member.next("message")).toMatchObject({ seq: 1, text: "one" });
    expect(await member.next("message")).toMatchObject({ seq: 2, text: "two" });
  }
  expect((await closing.closed).code).toBe(4000);
});
