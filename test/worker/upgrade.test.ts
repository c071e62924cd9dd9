import { expect, test } from "vitest";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import { ask, freshRoom } from "./rooms.ts";

const handshake = (room: string, headers: Record<string, string> = {}) =>
  ask(`/ws/${room}`, {
    headers: {
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Protocol": SUBPROTOCOL,
      ...headers,
    },
  });

test("rejects more than 300 sockets a minute from one address", async () => {
  const room = freshRoom();
  // A room without messages has a limit of its own.
  await ask(`/api/rooms/${room}/messages`, { method: "POST", body: '{"text":"hi"}' });
  const statuses: number[] = [];
  // The count restarts each minute, and a minute may end during the test.
  for (let i = 0; i < 601; i += 1) {
    const response = await handshake(room, { "CF-Connecting-IP": "192.0.2.1" });
    statuses.push(response.status);
    response.webSocket?.accept();
    response.webSocket?.close();
    if (response.status !== 429) continue;
    expect(response.headers.get("Retry-After")).toBe("60");
    expect(await response.text()).toBe("too many connections from this address: try again in a minute\n");
    break;
  }
  expect(statuses.length).toBeGreaterThan(300);
  expect(statuses.at(-1)).toBe(429);
  expect((await handshake(room, { "CF-Connecting-IP": "192.0.2.2" })).status).toBe(101);
  expect((await handshake(room)).status).toBe(101);
});
