// The self-hosting server on a full disk: rooms are read-only, no connection is lost, and it recovers by itself.
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openChat } from "../helpers/raw-socket.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { type SmallDisk, smallDisk } from "../helpers/small-disk.ts";
import { poll } from "../helpers/wait.ts";

const FULL = /^\{"event":"the disk is full: the rooms are read-only".*\}$/gm;
const RECOVERED = /^\{"event":"the disk has space again: the rooms accept messages".*\}$/gm;

async function start(): Promise<{ disk: SmallDisk; service: Service }> {
  const disk = smallDisk();
  onTestFinished(() => disk[Symbol.dispose]());
  const args = ["--min-free", `${disk.minFreeMB}`];
  const service = await startServe({ state: join(disk.folder, "state"), args });
  onTestFinished(async () => void (await service.stop()));
  return { disk, service };
}

function logged(service: Service, line: RegExp): Promise<true> {
  return poll("the log line", async () => service.output().match(line) !== null || undefined);
}

function post(service: Service): Promise<Response> {
  const url = new URL("/api/rooms/disk/messages", service.url);
  return fetch(url, { method: "POST", body: '{"text":"by HTTP"}' });
}

test("on a full disk rooms reject commands, stay readable and keep every connection", async () => {
  const { disk, service } = await start();
  const ann = await openChat(service.socket("disk"));
  const bob = await openChat(service.socket("disk"));
  ann.command({ type: "send", id: "one", text: "first" });
  expect(await ann.next("ok")).toMatchObject({ seq: 1 });
  await bob.next("message");

  disk.fill();
  await logged(service, FULL);
  ann.command({ type: "send", id: "two", text: "second" });
  expect(await ann.next("error")).toMatchObject({ id: "two", code: "internal" });
  // The room finds a stored command without a write.
  ann.command({ type: "send", id: "one", text: "first" });
  expect(await ann.next("ok")).toMatchObject({ seq: 1 });

  const refused = await post(service);
  expect([refused.status, refused.headers.get("Retry-After")]).toEqual([503, "60"]);
  const message = "the disk of the server is full";
  expect(await refused.json()).toEqual({ error: { code: "unavailable", message } });
  const cleo = await openChat(service.socket("disk"));
  expect(cleo.welcome.events).toMatchObject([{ text: "first" }]);
  const read = await fetch(new URL("/api/rooms/disk/messages", service.url));
  expect(await read.json()).toMatchObject({ seq: 1, events: [{ text: "first" }] });

  disk.free();
  await logged(service, RECOVERED);
  expect((await post(service)).status).toBe(201);
  ann.command({ type: "send", id: "three", text: "third" });
  expect(await ann.next("ok")).toMatchObject({ seq: 3 });
  // The sockets opened before are still the same ones.
  expect([await bob.next("message"), await bob.next("message")]).toMatchObject([
    { text: "by HTTP" },
    { text: "third" },
  ]);
  expect(service.output().match(FULL)).toHaveLength(1);
  expect(service.output().match(RECOVERED)).toHaveLength(1);
  for (const client of [ann, bob, cleo]) await client.close();
});

test("a server that starts on a full disk is read-only until there is space", async () => {
  const { disk, service } = await start();
  expect((await post(service)).status).toBe(201);
  await service.stop();
  disk.fill();
  disk.free(5e6); // A start needs some space.
  const args = ["--min-free", `${disk.minFreeMB}`];
  const again = await startServe({ state: join(disk.folder, "state"), args });
  onTestFinished(async () => void (await again.stop()));
  expect(again.output()).toMatch(FULL);
  expect((await post(again)).status).toBe(503);
  disk.free();
  await logged(again, RECOVERED);
  expect((await post(again)).status).toBe(201);
});
