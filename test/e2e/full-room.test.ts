// A room at its limit of connections.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openChat, openSilent } from "../helpers/raw-socket.ts";
import { type Service, startServe } from "../helpers/service.ts";

let service: Service;
beforeAll(async () => {
  service = await startServe({ vars: { MAX_CONNECTIONS: "2" } });
});
afterAll(() => service?.stop());

test("a full room closes new connections with 4502 until a connection leaves", async () => {
  const ann = await openChat(service.socket("small"));
  const bo = await openChat(service.socket("small"));
  const third = await openSilent(service.socket("small"));
  expect(await third.closed).toEqual({ code: 4502, reason: "the room is full" });
  await openChat(service.socket("another"));
  await bo.close();
  await openChat(service.socket("small"));
  ann.command({ type: "send", id: "a", text: "hi" });
  expect(await ann.next("ok")).toMatchObject({ seq: 1 });
});
