// The server is killed in the middle of an import. The room is then as it was, and the same file can be imported.
import { type ClientRequest, request } from "node:http";
import { expect, test } from "vitest";
import { openChat } from "../helpers/raw-socket.ts";
import { poll, within } from "../helpers/wait.ts";
import { addressesOf, RestartableService } from "./restartable-service.ts";
import { report, sized } from "./size.ts";

const ADMIN_KEY = "a".repeat(43);
const OWNER_SECRET = "o".repeat(43);
const KILLS = sized(20, 3);
/** Events of the file: many transactions. */
const EVENTS = sized(20_000, 5_000);

/** Returns an export with EVENTS messages. */
function file(): string {
  const by = { at: 1_700_000_000_000, user: "aaaaaaaaaa", name: "Ann" };
  const messages = Array.from({ length: EVENTS }, (_, i) => {
    return { type: "message", seq: i + 1, ...by, text: `message ${i + 1} of a file ${"x".repeat(100)}` };
  });
  const start = { type: "room", version: 1, room: "x", epoch: "e", seq: EVENTS, pruned: 0 };
  const lines = [start, ...messages, { type: "end", seq: EVENTS }];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Returns the log of a room as an export has it. */
async function logOf(url: URL, room: string): Promise<string> {
  return (await fetch(new URL(`/api/rooms/${room}/export`, url))).text();
}

function importInto(url: URL, room: string, body: string, key: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${key}` };
  return fetch(new URL(`/api/rooms/${room}/import`, url), { method: "POST", headers, body });
}

/** Begins an import and sends a part of the file. Resolves once the room is busy with it. */
async function begin(url: URL, room: string, part: string, key: string): Promise<ClientRequest> {
  const headers = { Authorization: `Bearer ${key}` };
  for (;;) {
    const upload = request(new URL(`/api/rooms/${room}/import`, url), { method: "POST", headers });
    // The kill ends the connection.
    upload.on("error", () => {});
    let isRejected = false;
    upload.on("response", (response) => {
      isRejected = true;
      response.resume();
    });
    await new Promise<void>((resolve) => upload.write(part, () => resolve()));
    const state = await poll("the room to be busy with the import", async () => {
      // The room was busy with the import of a question.
      if (isRejected) return "rejected";
      const { status } = await importInto(url, room, "x\n", key);
      return status === 409 ? "busy" : undefined;
    });
    if (state === "busy") return upload;
    upload.destroy();
  }
}

/** Waits until the connection of `upload` has ended. Unlike with `once`, its error is no failure. */
function closed(upload: ClientRequest): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (upload.closed) resolve();
  else upload.once("close", resolve);
  return within("the end of the upload", promise);
}

test("a kill in the middle of an import leaves the room as it was", async () => {
  await using service = await RestartableService.start({}, { ADMIN_KEY });
  const { url } = service;
  const owner = await openChat(addressesOf(url, "owned").socket, {
    hello: { name: "Olga", owner: OWNER_SECRET, claim: { title: "Tea" } },
  });
  await owner.close();
  const rooms = [
    ["owned", OWNER_SECRET],
    ["new", ADMIN_KEY],
  ] as const;
  const whole = file();
  const before = await Promise.all(rooms.map(([room]) => logOf(url, room)));
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const part = whole.slice(0, Math.floor((whole.length * kill) / (KILLS + 1)));
    const uploads = await Promise.all(rooms.map(([room, key]) => begin(url, room, part, key)));
    await service.kill();
    await Promise.all(uploads.map(closed));
    await service.restart();
    for (const [index, [room]] of rooms.entries())
      expect(anonymous(await logOf(url, room))).toBe(anonymous(before[index] ?? ""));
  }
  for (const [room, key] of rooms) {
    const response = await importInto(url, room, whole, key);
    expect(await response.json()).toMatchObject({ messages: EVENTS, seq: EVENTS + 1 });
  }
  await service.kill();
  await service.restart();
  for (const [room] of rooms) {
    const lines = (await logOf(url, room)).trimEnd().split("\n");
    expect(lines.slice(1)).toEqual(whole.trimEnd().split("\n").slice(1));
  }
  report("imports", { kills: KILLS, "events of each file": EVENTS });
});

/** Returns an export without the epoch: a room without events has a new one after each start. */
function anonymous(log: string): string {
  return log.replace(/"epoch":"[^"]*"/, "");
}
