// `npm run import` and the service, as the owner of a room uses them.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openChat } from "../helpers/raw-socket.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { within } from "../helpers/wait.ts";

const ADMIN_KEY = "a".repeat(43);
const MESSAGES = 3_000;

let service: Service;
let folder: string;
beforeAll(async () => {
  service = await startServe({ secrets: { ADMIN_KEY }, vars: { MESSAGE_RATE: "0" } });
  folder = await mkdtemp(join(tmpdir(), "edge-chat-import-"));
});
afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `npm run import` with these arguments. */
function runImport(args: readonly string[], env: Record<string, string> = {}) {
  const { promise, resolve } = Promise.withResolvers<{ code: number; stdout: string; stderr: string }>();
  const child = execFile(
    process.execPath,
    ["src/serve/import.ts", ...args],
    { env: { ...process.env, OWNER_KEY: ADMIN_KEY, ...env } },
    (_, stdout, stderr) => resolve({ code: child.exitCode ?? 1, stdout, stderr }),
  );
  return within("the import", promise);
}

async function exportOf(room: string): Promise<string> {
  return (await fetch(new URL(`/api/rooms/${room}/export`, service.url))).text();
}

/** Writes the export of a room with MESSAGES messages to a file. */
async function exportedRoom(room: string): Promise<{ file: string; text: string }> {
  const chat = await openChat(service.socket(room), { hello: { name: "Ann" } });
  for (let i = 0; i < MESSAGES; i += 300) {
    const sends = Array.from({ length: 300 }, (_, n) => {
      return { type: "send", id: `m${i + n}`, text: `message ${i + n} 茶` } as const;
    });
    chat.command(...sends);
    for (const _ of sends) await chat.next("ok");
  }
  await chat.close();
  const text = await exportOf(room);
  const file = join(folder, `${room}.jsonl`);
  await writeFile(file, text);
  return { file, text };
}

function anonymous(file: string): string {
  return file.replace(/"room":"[^"]*"/, "").replace(/"epoch":"[^"]*"/, "");
}

test("imports an export, once, and refuses a damaged one", async () => {
  const { file, text } = await exportedRoom("source");
  const damaged = join(folder, "damaged.jsonl");
  await writeFile(damaged, text.replace('"text":"message 1999', '"text":7,"x":"'));
  const args = ["--room", "copy", "--url", service.url.href, "--name", "Olga"];
  expect(await runImport([damaged, ...args])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Nothing was imported: line 2001: .*text/),
  });
  expect(await exportOf("copy")).toMatch(/"seq":0,"pruned":0}\n.*"end","seq":0}\n$/);
  expect(await runImport([file, ...args])).toEqual({
    code: 0,
    stdout: `Imported 3000 messages into ${new URL("/r/copy", service.url)}\n`,
    stderr: "",
  });
  expect(anonymous(await exportOf("copy"))).toBe(anonymous(text));
  const search = await fetch(new URL("/api/rooms/copy/search?q=message+1234", service.url));
  expect(await search.json()).toMatchObject({
    events: [{ seq: 1235, name: "Ann", text: "message 1234 茶" }],
  });
  const chat = await openChat(service.socket("copy"), { hello: { name: "Bob" } });
  expect(chat.welcome.events.at(-1)).toMatchObject({ type: "import", name: "Olga", messages: MESSAGES });
  await chat.close();
  expect(await runImport([file, ...args])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Nothing was imported: the room has messages already/),
  });
  const stranger = await runImport([file, "--room", "other", "--url", service.url.href], {
    OWNER_KEY: "x".repeat(43),
  });
  expect(stranger).toMatchObject({ code: 1, stderr: expect.stringMatching(/only an owner/) });
});

test.each([
  ["without a file", ["--room", "a"], /^Name one file/],
  ["without a room", ["a.jsonl"], /^--room needs/],
  ["with an address that is none", ["a.jsonl", "--room", "a", "--url", "chat"], /^--url takes/],
  ["with an unknown flag", ["a.jsonl", "--rom", "a"], /^Unknown option/],
  ["with a file that does not exist", ["no-such-file", "--room", "a"], /^no-such-file cannot be read/],
  [
    "with a service that does not run",
    ["package.json", "--room", "a", "--url", "http://127.0.0.1:9"],
    /does not answer/,
  ],
])("%s it says what is wrong", async (_, args, reason) => {
  expect(await runImport(args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(reason) });
});

test("--help lists the options", async () => {
  expect((await runImport(["--help"])).stdout).toMatch(/--room NAME.*--key KEY/s);
});

test("says why a service rejects a file, even if it ends the connection before the file is sent", async () => {
  const error = { code: "conflict", message: "the room has messages already" };
  const server = createServer((request, response) => {
    const answer = () =>
      response.writeHead(409, { "Content-Type": "application/json" }).end(JSON.stringify({ error }));
    if (request.headers["content-length"] === "0") answer();
    else request.once("data", () => request.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { file } = await exportedRoom("rejected");
    const result = await runImport([file, "--room", "full", "--url", `http://127.0.0.1:${port}`]);
    expect(result).toMatchObject({
      code: 1,
      stderr: "Nothing was imported: the room has messages already.\n",
    });
  } finally {
    server.close();
  }
});
