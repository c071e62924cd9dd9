// The self-hosting server as a program: what it prints, how it refuses, how it ends, what it keeps.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openChat, openPlain } from "../helpers/raw-socket.ts";
import { type Service, signal, startServe } from "../helpers/service.ts";
import { DEFAULT_TIMEOUT_MS, poll, within } from "../helpers/wait.ts";

let shared: Service;
beforeAll(async () => {
  shared = await startServe();
});
afterAll(async () => {
  await shared?.stop();
});

test("it prints one line, and where that says it listens, it answers", async () => {
  expect(shared.output()).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n$/);
  const answer = await fetch(new URL("/healthz", shared.url));
  expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
});

test("variables given at the start hold in the rooms", async () => {
  const service = await startServe({ vars: { MAX_CONNECTIONS: "1" } });
  onTestFinished(async () => void (await service.stop()));
  const first = await openChat(service.socket());
  const second = await openPlain(service.socket());
  expect(await within("the full room to refuse", second.closed)).toMatchObject({ code: 4502 });
  await first.close();
});

test.each([
  ["an unknown flag", ["--prot", "80"], /^Unknown option/],
  ["a port that is no number", ["--port", "http"], /^--port takes/],
  [
    "a variable that wrangler.toml does not have",
    ["--var", "MESSAGE_RAT=1"],
    /^There is no variable MESSAGE_RAT /,
  ],
  [
    "a variable named like a part of every object",
    ["--var", "constructor=1"],
    /^There is no variable constructor /,
  ],
  [
    "an address of another machine",
    ["--host", "192.0.2.1"],
    /^Cannot listen on 192\.0\.2\.1:\d+: this machine/,
  ],
  ["a host that does not exist", ["--host", "nowhere.invalid"], /^Cannot listen on nowhere\.invalid:/],
  ["a state folder that is a file", ["--state", "package.json"], /^Cannot keep rooms in .*package\.json: /],
])("%s is refused with a sentence", async (_, args, sentence) => {
  expect(await refusal(args)).toMatch(sentence);
});

test("a port that is taken is refused with a sentence", async () => {
  const taken = shared.url.port;
  expect(await refusal(["--port", taken])).toBe(
    `Cannot listen on 127.0.0.1:${taken}: something else listens there.\n`,
  );
});

test("a folder that another server uses is refused with a sentence", async () => {
  const state = await temporaryFolder();
  const service = await startServe({ state });
  onTestFinished(async () => void (await service.stop()));
  expect(await refusal(["--port", "0", "--state", state])).toBe(
    `Another server keeps its rooms in ${state}.\n`,
  );
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends it cleanly, people or not", async (signal) => {
  const service = await startServe();
  const person = await openChat(service.socket());
  expect(await service.stop(signal)).toBe(0);
  await within("the person to be cut off", person.closed);
  await nothingListens(service.url);
});

test("a signal to npm alone ends it", async () => {
  const npm = spawn("npm", ["run", "serve", "--", "--port", "0", "--state", await temporaryFolder()], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  onTestFinished(() => signal(npm, "SIGKILL"));
  let output = "";
  npm.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  const address = await poll("it to listen", async () => /listening on (\S+)/.exec(output)?.[1]);
  npm.kill("SIGTERM");
  await nothingListens(new URL(address));
});

test("SIGKILL of its process group leaves nothing running", async () => {
  const service = await startServe();
  const person = await openChat(service.socket());
  await service.kill();
  await within("the person to be cut off", person.closed);
  await nothingListens(service.url);
});

// Elsewhere than on Linux nothing tells the runtime that it was left alone.
test.runIf(existsSync("/usr/bin/setpriv"))("killed alone, it takes the runtime along", async () => {
  const service = await startServe();
  onTestFinished(() => service.kill());
  process.kill(service.pid, "SIGKILL");
  await nothingListens(service.url);
});

test("after SIGKILL a second start on the same folder has every message", async () => {
  const state = await temporaryFolder();
  const before = await startServe({ state });
  const writer = await openChat(before.socket("kept"));
  writer.command({ type: "send", id: "first", text: "Still here?" });
  const { seq } = await writer.next("ok");
  await before.kill();

  const after = await startServe({ state });
  onTestFinished(async () => void (await after.stop()));
  const reader = await openChat(after.socket("kept"));
  expect(reader.welcome.epoch).toBe(writer.welcome.epoch);
  expect(reader.welcome.events).toMatchObject([{ type: "message", seq, text: "Still here?" }]);
  await reader.close();
});

/** Starts a server that cannot run, and gives what it says: nothing but one line for people. */
async function refusal(args: readonly string[]): Promise<string> {
  // A port of the system's choice, where the refusal is not about the port.
  const all = ["src/serve/main.ts", "--port", "0", "--state", await temporaryFolder(), ...args];
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; stdout: string; stderr: string }>();
  // In time, so that a server that runs where it should not ends with its test.
  const limits = { timeout: DEFAULT_TIMEOUT_MS / 2, killSignal: "SIGTERM" } as const;
  execFile(process.execPath, all, limits, (error, stdout, stderr) =>
    resolve({ code: error?.code, stdout, stderr }),
  );
  const { code, stdout, stderr } = await within("the server to give up", promise);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^[^\n]+\.\n$/);
  return stderr;
}

/** Waits until nothing listens at `url` any more. */
function nothingListens(url: URL): Promise<true> {
  return poll("the port to be free", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const socket = connect({ host: url.hostname, port: Number(url.port) });
    socket.on("connect", () => resolve(false)).on("error", () => resolve(true));
    const refused = await promise;
    socket.destroy();
    return refused || undefined;
  });
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "edge-chat-serve-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
