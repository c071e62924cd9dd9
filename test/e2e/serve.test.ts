// The self-hosting server as a program: output, errors, shutdown, storage.
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

test("prints where it listens, and answers there", async () => {
  expect(shared.output()).toMatch(/^(up to \d+ connections, .*\n)?listening on http:\/\/127\.0\.0\.1:\d+\n$/);
  const answer = await fetch(new URL("/healthz", shared.url));
  expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
});

test("passes variables from the command line to the rooms", async () => {
  const service = await startServe({ vars: { MAX_CONNECTIONS: "1" } });
  onTestFinished(async () => void (await service.stop()));
  const first = await openChat(service.socket());
  const second = await openPlain(service.socket());
  expect(await within("the full room to close the socket", second.closed)).toMatchObject({ code: 4502 });
  await first.close();
});

test("serves the licences of the packages in the page", async () => {
  const licenses = await (await fetch(new URL("/build/licenses.txt", shared.url))).text();
  const names = licenses.split(/^-{80}$/m).map((text) => text.trim().split("\n")[0]);
  expect(names).toEqual(expect.arrayContaining(["@preact/signals", "emojibase-data", "marked", "valibot"]));
  expect(licenses.match(/copyright/gi)?.length).toBeGreaterThanOrEqual(names.length);
});

test("--help lists the options", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(process.execPath, ["src/serve/main.ts", "--help"], (_, stdout) => resolve(stdout));
  expect(await within("the help", promise)).toMatch(/--allow-host NAME.*--trust-proxy ADDRESS/s);
});

test.each([
  ["an unknown flag", ["--prot", "80"], /^Unknown option/],
  ["a port that is not a number", ["--port", "http"], /^--port takes/],
  [
    "a variable that wrangler.toml does not declare",
    ["--var", "MESSAGE_RAT=1"],
    /^There is no variable MESSAGE_RAT /,
  ],
  [
    "a variable with the name of a property of every object",
    ["--var", "constructor=1"],
    /^There is no variable constructor /,
  ],
  [
    "an address of another machine",
    ["--host", "192.0.2.1"],
    /^Cannot listen on 192\.0\.2\.1:\d+: this machine/,
  ],
  ["a host that does not exist", ["--host", "nowhere.invalid"], /^Cannot listen on nowhere\.invalid:/],
  ["a state folder that is a file", ["--state", "package.json"], /^Cannot store rooms in .*package\.json: /],
])("rejects %s with one sentence", async (_, args, sentence) => {
  expect(await startErrorOf(args)).toMatch(sentence);
});

test("rejects a port that is in use with one sentence", async () => {
  const taken = shared.url.port;
  expect(await startErrorOf(["--port", taken])).toBe(
    `Cannot listen on 127.0.0.1:${taken}: another program uses that port.\n`,
  );
});

test("rejects a folder that another server uses with one sentence", async () => {
  const state = await temporaryFolder();
  const service = await startServe({ state });
  onTestFinished(async () => void (await service.stop()));
  expect(await startErrorOf(["--port", "0", "--state", state])).toBe(
    `Another server uses the folder ${state}.\n`,
  );
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s ends it with exit code 0 and closes the sockets",
  async (signal) => {
    const service = await startServe();
    const client = await openChat(service.socket());
    expect(await service.stop(signal)).toBe(0);
    await within("the client to be disconnected", client.closed);
    await nothingListens(service.url);
  },
);

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

test("SIGKILL of its process group leaves no process", async () => {
  const service = await startServe();
  const client = await openChat(service.socket());
  await service.kill();
  await within("the client to be disconnected", client.closed);
  await nothingListens(service.url);
});

// Only Linux can end the runtime with its parent.
test.runIf(existsSync("/usr/bin/setpriv"))("the runtime ends when the server alone is killed", async () => {
  const service = await startServe();
  onTestFinished(() => service.kill());
  process.kill(service.pid, "SIGKILL");
  await nothingListens(service.url);
});

test("has every message after SIGKILL and a second start", async () => {
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

/** Starts a server that cannot run. Gives its output, which must be one sentence on stderr. */
async function startErrorOf(args: readonly string[]): Promise<string> {
  // A free port, unless the error is about the port.
  const all = ["src/serve/main.ts", "--port", "0", "--state", await temporaryFolder(), ...args];
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; stdout: string; stderr: string }>();
  // A server that starts against the expectation must end with its test.
  const limits = { timeout: DEFAULT_TIMEOUT_MS / 2, killSignal: "SIGTERM" } as const;
  execFile(process.execPath, all, limits, (error, stdout, stderr) =>
    resolve({ code: error?.code, stdout, stderr }),
  );
  const { code, stdout, stderr } = await within("the server to exit", promise);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^[^\n]+\.\n$/);
  return stderr;
}

/** Waits until nothing listens at `url`. */
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
