// The examples and recipes of the client's README, run with the packed library against a service.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  ChatClient,
  type ChatClientOptions,
  newOwnerSecret,
  newPassword,
  ownText,
  type TimelineMessage,
} from "../../src/client/index.ts";
import { sharedBrowser } from "../helpers/browser.ts";
import { type ClientPackage, installClientPackage, readmeExample } from "../helpers/client-package.ts";
import { drawnPng } from "../helpers/picture-bytes.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { eventually, within } from "../helpers/wait.ts";

let project: ClientPackage;
let service: Service;
let browser: Browser;
/** Server of the test's page: another origin than the service. */
let pages: Server;
let html = "";
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  project = await installClientPackage();
  pages = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(html);
  }).listen(0, "127.0.0.1");
  await once(pages, "listening");
  service = await startServe({ vars: { ALLOWED_ORIGINS: pageUrl(), MESSAGE_RATE: "0" } });
  browser = await sharedBrowser();
});
afterAll(async () => {
  pages?.close();
  await service?.stop();
  await project?.remove();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function pageUrl(host = "127.0.0.1"): string {
  return `http://${host}:${(pages.address() as AddressInfo).port}`;
}

/** A member of a room, to talk to the example. */
async function member(room: string, options: Partial<ChatClientOptions> = {}): Promise<ChatClient> {
  const client = new ChatClient({ url: service.socket(room).href, name: "Test", ...options });
  ends.push(() => client.close());
  await client.connect();
  return client;
}

/** The first message in the member's timeline that fits. */
function message(
  client: ChatClient,
  what: string,
  fits: (message: TimelineMessage) => boolean,
): Promise<TimelineMessage> {
  return eventually(
    what,
    () =>
      client.state.timeline.items.find((item) => item.type === "message" && fits(item)) as TimelineMessage,
    (listener) => client.on("state", listener),
  );
}

/** Starts an example in Node. `env` is added to its environment. */
async function start(
  name: string,
  room: string,
  env: Record<string, string> = {},
): Promise<{ process: ChildProcess; output: () => string }> {
  await writeFile(join(project.folder, name), await readmeExample(name, service.socket(room)));
  const child = spawn(process.execPath, [name], {
    cwd: project.folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  ends.push(() => child.kill());
  return { process: child, output: () => output };
}

test("the bot answers, and survives a text that it cannot repeat", async () => {
  const ann = await member("bot");
  const { process: bot, output } = await start("bot.js", "bot");
  await eventually(
    "the bot",
    () => ann.state.online === 2,
    (listener) => ann.on("state", listener),
  );
  await ann.send("x".repeat(8_192));
  const { seq } = await ann.send("hello");
  const answer = await message(ann, "an answer", ({ text }) => text === "Test said: hello");
  expect(answer).toMatchObject({ name: "Echo", reply: seq });
  expect(output()).toContain("too_long");
  expect(bot.exitCode).toBeNull();
});

test("the job announces, reacts and ends", async () => {
  const ann = await member("job");
  const { process: job, output } = await start("job.js", "job");
  const [code] = await within("the end of the job", once(job, "exit"));
  expect(code, output()).toBe(0);
  const announced = await message(ann, "a reaction", ({ reactions }) => Object.keys(reactions).length > 0);
  expect(announced).toMatchObject({ text: "version 7 is out", reactions: { "🎉": [announced.user] } });
});

test("the search prints what it finds", async () => {
  const ada = await member("search", { name: "Ada" });
  const { seq } = await ada.send("The RELEASE is out");
  await ada.send("lunch?");
  const { process: job, output } = await start("search.js", "search");
  const [code] = await within("the end of the search", once(job, "exit"));
  expect(code, output()).toBe(0);
  expect(output()).toBe(`${seq} Ada The RELEASE is out\n`);
});

test("the report sends a picture, and saves what others send", async () => {
  const ann = await member("report");
  await writeFile(join(project.folder, "chart.png"), drawnPng(40, 20));
  const { process: report, output } = await start("report.js", "report");
  const sent = await message(ann, "the report", ({ files }) => files !== undefined);
  expect(ownText(sent)).toBe("The numbers of today");
  const alt = "A line that rises";
  expect(sent.files).toMatchObject([{ type: "image/png", name: "chart.png", w: 40, h: 20, alt }]);
  const bytes = await ann.download({ id: sent.files?.[0]?.id ?? "" });
  const file = await ann.upload(new Blob([bytes]), { name: "back.png" });
  await ann.send("", { files: [{ id: file.id }] });
  await eventually(
    "the saved file",
    () => output().includes(`back.png image/png ${bytes.length}`),
    (listener) => {
      report.stdout?.on("data", listener);
      return () => report.stdout?.off("data", listener);
    },
  );
  expect(new Uint8Array(await readFile(join(project.folder, `received-${file.id}`)))).toEqual(bytes);
});

test.each([
  ["with the owner's secret", "owner"],
  ["with the key of a moderator", "moderator"],
])("the moderator mutes, deletes and lets people in, %s", async (_, role) => {
  const room = `moderated-${role}`;
  const secret = newOwnerSecret();
  const ann = await member(room, { owner: secret, claim: { title: "Moderated" } });
  const people = (client: ChatClient) => (listener: () => void) => client.on("state", listener);
  const joined = new Promise<string>((done) => {
    ann.on("join", ({ user, name }) => name === "Moderator" && done(user));
  });
  const { process: bot, output } = await start(
    "moderator.js",
    room,
    role === "owner" ? { OWNER_SECRET: secret } : { CHAT_KEY: "the-key-of-the-moderator" },
  );
  const user = await within("the moderator", joined);
  if (role === "moderator") await ann.setRole(user, "moderator");
  await eventually(
    "the moderator's role",
    () => ann.state.roomState.staff.some((person) => person.user === user && person.role === role),
    people(ann),
  );

  const [bob, eve] = [await member(room, { name: "Bob" }), await member(room, { name: "Eve" })];
  await bob.send("good morning");
  const { seq } = await bob.send("the best CASINO");
  await eventually("a mute", () => bob.state.muted?.reason === "spam", people(bob));
  expect(
    await message(ann, "the deletion", (item) => item.seq === seq && item.deleted === true),
  ).toMatchObject({
    moderated: true,
  });
  await expect(bob.send("once more")).rejects.toMatchObject({
    code: "forbidden",
    cause: "muted",
    reason: "spam",
  });
  for (let i = 0; i < 5; i += 1) await eve.send(`text ${i}`);
  expect(eve.state.muted).toBeNull();
  await eve.send("too much");
  await eventually("a mute", () => eve.state.muted?.reason === "flood", people(eve));

  await ann.setRoom({ entry: "knock" });
  const dan = await within("the admission", member(room, { name: "Dan" }));
  expect(dan.state.outside).toBeNull();
  await expect(member(room, { name: "Casino King" })).rejects.toMatchObject({ cause: "not_admitted" });
  expect(bot.exitCode, output()).toBeNull();
  expect(output()).toBe("");
});

test("the password is derived from what the room says, and lets the client in", async () => {
  const ann = await member("password", {
    owner: newOwnerSecret(),
    claim: { entry: "password", newPassword: await newPassword("open sesame") },
  });
  const { process: ada, output } = await start("password.js", "password", { PASSWORD: "open sesame" });
  const [code] = await within("the end of the program", once(ada, "exit"));
  expect(code, output()).toBe(0);
  expect(await message(ann, "a message", () => true)).toMatchObject({ name: "Ada", text: "let in" });
});

test("the follower prints each event once, over restarts", async () => {
  const ann = await member("follower");
  const send = (from: number, to: number) =>
    Promise.all(Array.from({ length: to - from + 1 }, (_, index) => ann.send(`text ${from + index}`)));
  const printed: string[] = [];
  /** Runs it until it has printed `count` lines in all. */
  const follow = async (count: number) => {
    const { process: follower, output } = await start("follower.js", "follower");
    const lines = () => output().split("\n").slice(0, -1);
    await eventually(
      `${count} lines`,
      () => printed.length + lines().length >= count,
      (listener) => {
        follower.stdout?.on("data", listener);
        return () => follower.stdout?.off("data", listener);
      },
    );
    // The position is saved after the line is printed.
    await ann.send("the last line");
    await eventually(
      "the last line",
      () => lines().at(-1) === "message the last line",
      (listener) => {
        follower.stdout?.on("data", listener);
        return () => follower.stdout?.off("data", listener);
      },
    );
    follower.kill();
    await once(follower, "exit");
    printed.push(...lines());
  };
  await send(1, 120);
  await follow(120);
  await send(121, 130);
  await follow(131);
  const texts = printed.filter((line) => line !== "message the last line");
  expect(texts).toEqual(Array.from({ length: 130 }, (_, index) => `message text ${index + 1}`));
});

/** Opens a page with a script that is bundled with the packed library. */
async function open(script: string, files: Record<string, string> = {}, host?: string): Promise<Page> {
  for (const [name, code] of Object.entries(files)) await writeFile(join(project.folder, name), code);
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: project.folder, loader: "jsx" },
    ...{ bundle: true, write: false, format: "esm", jsx: "automatic", logLevel: "error" },
    target: ["chrome119", "firefox125", "safari17.2"],
    nodePaths: [resolve("node_modules")],
    // The part of "vue" that a bundle with a render function contains.
    alias: { vue: "@vue/runtime-dom" },
    define: { "process.env.NODE_ENV": '"production"' },
  });
  html = `<!doctype html><title>Recipe</title><div id="app"></div><script type="module">${
    outputFiles[0]?.text.replaceAll("</script", "<\\/script") ?? ""
  }</script>`;
  const context = await browser.newContext();
  ends.push(() => context.close());
  const page = await context.newPage();
  await page.goto(pageUrl(host));
  return page;
}

test("the React recipe shows messages as they arrive", async () => {
  const ann = await member("react");
  const page = await open(
    `import { createRoot } from "react-dom/client";
     import { ChatClient } from "edge-chat";
     import { Room } from "./react.jsx";
     const client = new ChatClient({ url: ${JSON.stringify(service.socket("react").href)} });
     client.connect();
     createRoot(document.getElementById("app")).render(<Room client={client} />);`,
    { "react.jsx": await readmeExample("react.jsx", service.url) },
  );
  await ann.send("first");
  await page.getByText("first").waitFor();
  await ann.edit(ann.state.timeline.head, "changed");
  await page.getByText("changed").waitFor();
  expect(await page.locator("p").allTextContents()).toEqual(["changed"]);
});

test("the Vue recipe shows messages as they arrive, and stops with its component", async () => {
  const ann = await member("vue");
  const page = await open(
    `import { createApp, h } from "vue";
     import { ChatClient } from "edge-chat";
     import { useChat } from "./vue.js";
     const client = new ChatClient({ url: ${JSON.stringify(service.socket("vue").href)} });
     client.connect();
     window.renders = 0;
     window.app = createApp({
       setup() {
         const state = useChat(client);
         return () => (window.renders++, state.value.timeline.items.map((item) => h("p", item.text)));
       },
     });
     window.client = client;
     window.app.mount("#app");`,
    { "vue.js": await readmeExample("vue.js", service.url) },
  );
  await ann.send("first");
  await page.getByText("first").waitFor();
  await ann.edit(ann.state.timeline.head, "changed");
  await page.getByText("changed").waitFor();
  expect(await page.locator("p").allTextContents()).toEqual(["changed"]);
});

test("the outbox in localStorage is empty after sending, and the user stays the same", async () => {
  const ann = await member("stored");
  const page = await open(await readmeExample("stored-outbox.js", service.socket("stored")));
  const first = await message(ann, "a message", () => true);
  await page.reload();
  const second = await message(ann, "another", ({ seq }) => seq > first.seq);
  expect(second.user).toBe(first.user);
  await page.waitForFunction(() => localStorage.getItem("outbox") === null);
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual(["chatKey"]);
});

test("a page of another origin reads why it cannot connect", async () => {
  const page = await open(
    `import { ChatClient } from "edge-chat";
     const client = new ChatClient({ url: ${JSON.stringify(service.socket("origin").href)} });
     client.once("connectError", ({ message }) => { document.body.textContent = message; });
     client.connect();`,
    {},
    "localhost",
  );
  await page.getByText("ALLOWED_ORIGINS").waitFor();
});
