// Fan-out to sockets of which one can no longer be sent to: the others must not notice.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { parseSession } from "../../src/room/session.ts";
import { freshRoom, join } from "./rooms.ts";

it("a socket that is closing stops nobody else's frame", async () => {
  const room = freshRoom();
  // The one that is closing is neither the first nor the last in the room.
  const ann = await join(room, { name: "Ann" });
  const gone = await join(room, { name: "Gone" });
  const bob = await join(room, { name: "Bob" });
  await runInDurableObject(env.ROOMS.getByName(room), (instance, state) => {
    const socketOf = (name: string) => {
      const socket = state
        .getWebSockets()
        .find((ws) => parseSession(ws.deserializeAttachment())?.name === name);
      if (socket === undefined) throw new Error(`${name} has no socket`);
      return socket;
    };
    socketOf("Gone").close(4000, "closing");
    // In the same turn, before anyone has heard of the close.
    instance.webSocketMessage(socketOf("Ann"), JSON.stringify({ type: "send", id: "a", text: "one" }));
    instance.webSocketMessage(socketOf("Bob"), JSON.stringify({ type: "send", id: "b", text: "two" }));
  });
  for (const member of [ann, bob]) {
    expect(await member.next("message")).toMatchObject({ seq: 1, text: "one" });
    expect(await member.next("message")).toMatchObject({ seq: 2, text: "two" });
  }
  expect((await gone.closed).code).toBe(4000);
});
