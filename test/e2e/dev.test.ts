// The development server (`npm run dev`): the same service, as the first command of README.md starts it.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { INSTALLS, type Pages, part, say, setName, startPages } from "../helpers/page.ts";
import { stablePort } from "../helpers/port.ts";
import { openPlain } from "../helpers/raw-socket.ts";
import { signal, startDev } from "../helpers/service.ts";
import { poll } from "../helpers/wait.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages(startDev);
});
afterAll(() => pages?.stop());

test("two windows and a bare socket talk under wrangler dev", async () => {
  const [ann, bob] = [await pages.person(INSTALLS), await pages.person(INSTALLS)];
  const [annsPage, bobsPage] = [await ann.open("demo"), await bob.open("demo")];
  await setName(annsPage, "Ann");
  const socket = await openPlain(pages.service.socket("demo"));

  await say(annsPage, "Hello from Ann");
  await part.message(bobsPage, "Hello from Ann").waitFor();
  expect(await socket.nextLine()).toBe("Ann: Hello from Ann");
  socket.say("Hello from a terminal");
  await part.message(annsPage, "Hello from a terminal").waitFor();
  await part.message(bobsPage, "Hello from a terminal").waitFor();

  expect([...ann.wrongs, ...bob.wrongs]).toEqual([]);
  await Promise.all([ann.context.close(), bob.context.close(), socket.close()]);
});

test("npm run dev takes a port and prints no error", async () => {
  const port = await stablePort();
  const state = await mkdtemp(join(tmpdir(), "edge-chat-dev-"));
  onTestFinished(() => rm(state, { recursive: true, force: true, maxRetries: 5 }));
  const flags = ["--persist-to", state, "--inspector-port", "0", "--show-interactive-dev-session=false"];
  const npm = spawn("npm", ["run", "dev", "--", "--port", String(port), ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    // Wrangler would fetch data of this kind from Cloudflare, and warn where there is no network.
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false" },
  });
  onTestFinished(() => signal(npm, "SIGKILL"));
  let output = "";
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  }
  await poll("the server to listen", async () => output.includes(`Ready on http://localhost:${port}`));
  expect(output).not.toMatch(/error|warn/i);
});
