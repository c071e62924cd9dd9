// Limits by network address: connections in one room, and rooms without messages.
import { expect, test } from "vitest";
import { SUBPROTOCOL } from "../../src/protocol/frame.ts";
import { ask, freshRoom } from "./rooms.ts";

function upgrade(room: string, address: string): Promise<Response> {
  const headers = {
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": SUBPROTOCOL,
  };
  return ask(`/ws/${room}`, { headers: { ...headers, "CF-Connecting-IP": address } });
}

/** Returns the code with which the room closes a new socket, or `null` if it stays open for a round trip. */
async function closeCodeOf(response: Response): Promise<number | null> {
  const { webSocket } = response;
  if (webSocket === null) throw new Error(`rejected: ${response.status}`);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  webSocket.addEventListener("close", ({ code }) => resolve(code));
  webSocket.addEventListener("message", () => resolve(null));
  webSocket.accept();
  webSocket.send('{"type":"ping"}');
  return promise;
}

test("closes the 101st connection from one address with 4503", async () => {
  const room = freshRoom();
  for (let i = 0; i < 100; i += 1) {
    expect(await closeCodeOf(await upgrade(room, "198.51.100.1"))).toBeNull();
  }
  expect(await closeCodeOf(await upgrade(room, "198.51.100.1"))).toBe(4503);
  expect(await closeCodeOf(await upgrade(room, "198.51.100.2"))).toBeNull();
});

test("rejects an address that opens too many rooms without messages", async () => {
  const headers = { "CF-Connecting-IP": "198.51.100.3" };
  const statuses: number[] = [];
  // The count starts anew each minute, and a minute may end during the test.
  for (let i = 0; i < 121 && statuses.at(-1) !== 429; i += 1) {
    statuses.push((await ask(`/api/rooms/${freshRoom()}`, { headers })).status);
  }
  expect(statuses.length).toBeGreaterThan(60);
  expect(statuses.at(-1)).toBe(429);
  const room = freshRoom();
  const post = (init: HeadersInit) =>
    ask(`/api/rooms/${room}/messages`, { method: "POST", body: '{"text":"hi"}', headers: init });
  const rejected = await post(headers);
  expect([rejected.status, rejected.headers.get("Retry-After")]).toEqual([429, "60"]);
  expect((await upgrade(room, "198.51.100.3")).status).toBe(429);
  expect((await post({ "CF-Connecting-IP": "198.51.100.4" })).status).toBe(201);
  expect((await post(headers)).status).toBe(201);
});
