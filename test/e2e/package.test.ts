// The client package as other programs get it: packed, installed into an empty project, and used from there.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClientPackage, installClientPackage } from "../helpers/client-package.ts";

const run = promisify(execFile);

let project: ClientPackage;
let folder: string;
/** The installed package. */
let installed: string;

beforeAll(async () => {
  project = await installClientPackage({
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "remote.origin.url",
    GIT_CONFIG_VALUE_0: "https://git.example/me/edge-chat.git",
  });
  folder = project.folder;
  installed = join(folder, "node_modules", "edge-chat");
});
afterAll(() => project?.remove());

/** The manifest of an installed package. */
async function manifestOf(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(path, "package.json"), "utf8"));
}

test("installs itself and valibot: no other package, no program, no install script", async () => {
  const modules = join(folder, "node_modules");
  const names = (await readdir(modules)).filter((name) => !name.startsWith("."));
  expect(names.toSorted()).toEqual(["edge-chat", "valibot"]);
  for (const name of names) {
    const { scripts = {}, bin } = await manifestOf(join(modules, name));
    expect(Object.keys(scripts ?? {}).filter((script) => /install$/.test(script))).toEqual([]);
    expect(bin).toBeUndefined();
  }
});

test("has a manifest, a licence, types and both READMEs, whose links lead to files", async () => {
  expect(await manifestOf(installed)).toMatchObject({
    name: "edge-chat",
    license: "MIT",
    repository: { type: "git", url: "https://git.example/me/edge-chat.git" },
    engines: { node: ">=20" },
  });
  for (const path of [
    "LICENSE",
    "README.md",
    "protocol/README.md",
    "client/index.d.ts",
    "protocol/index.d.ts",
  ])
    expect(existsSync(join(installed, path)), path).toBe(true);
  for (const path of ["README.md", "protocol/README.md"]) {
    const text = await readFile(join(installed, path), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      expect(existsSync(join(installed, dirname(path), link)), `${path} links to ${link}`).toBe(true);
  }
});

/** The Node that the user of this checkout has, which is the oldest that the project supports where CI runs. */
function nodeOnPath(): string {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const folders = (process.env.PATH ?? "").split(delimiter).filter((path) => !path.includes("node_modules"));
  return folders.map((path) => join(path, name)).find(existsSync) ?? process.execPath;
}

test.each([
  ["this Node", process.execPath],
  ["the Node on the path", nodeOnPath()],
])("%s imports it under all names and sends offline", async (_, node) => {
  const program = join(folder, "program.js");
  await writeFile(
    program,
    `import { ChatClient, newOwnerSecret, passwordProof } from "edge-chat";
     import * as client from "edge-chat/client";
     import { PING } from "edge-chat/protocol";
     class NoSocket { addEventListener() {} send() {} close() {} }
     const chat = new ChatClient({ url: "wss://chat.example/ws/demo", webSocket: NoSocket });
     chat.send("hello");
     chat.send("x".repeat(9000));
     chat.rename("Ada");
     chat.connect();
     chat.close();
     await new Promise((done) => setTimeout(done, 10));
     console.log(chat.state.connection, chat.state.outbox.length, client.ChatClient === ChatClient, PING);
     const proof = await passwordProof("open sesame", { salt: newOwnerSecret(), iterations: 100_000 });
     console.log(newOwnerSecret().length, proof.length);`,
  );
  const { stdout } = await run(node, [program], { cwd: folder });
  expect(stdout.trim()).toBe('closed 1 true {"type":"ping"}\n43 43');
});

test.each([
  ["a browser", ["es2023", "dom"], [], "wake: window, storage: localStorageOutbox"],
  ["Node", ["es2023"], ["node"], "clock: { now: Date.now, setTimeout, clearTimeout: () => {} }"],
  ["Workers", ["es2023"], ["@cloudflare/workers-types"], "wake: null"],
])("its types fit %s and report mistakes", async (name, lib, types, options) => {
  const project = join(folder, name.replace(" ", "-"));
  await mkdir(project);
  const compilerOptions = {
    ...{ lib, types, target: "es2023", module: "nodenext", strict: true, noEmit: true, skipLibCheck: false },
    typeRoots: [resolve("node_modules/@types"), resolve("node_modules")],
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["."] }));
  await writeFile(
    join(project, "program.ts"),
    `import { ChatClient, type ChatError, type ChatState, newPassword, type OutboxStorage } from "edge-chat";
     declare const localStorageOutbox: OutboxStorage;
     const client = new ChatClient({ url: "wss://chat.example/ws/demo", webSocket: WebSocket, fetch, ${options} });
     client.on("event", (event) => event.type === "message" && event.text.trim());
     client.send("hello", { signal: new AbortController().signal });
     const state: ChatState = client.state;
     const { muted, outside, roomState: { staff } } = state;
     (muted?.until ?? outside?.error?.until)?.toFixed();
     for (const item of state.timeline.items) if (item.type === "mute") client.mute(item.member, { duration: 0 });
     newPassword("open sesame").then((newPassword) => client.setRoom({ entry: "password", newPassword }));
     client.admit("aaaaaaaaaa", true).catch((error: ChatError) => error.cause === "role" && staff.length);
     // @ts-expect-error owners are made with the owner's secret
     client.setRole("aaaaaaaaaa", "owner");
     // @ts-expect-error there is no such setting
     client.setRoom({ slow: 5 });
     export async function follow() {
       for await (const event of client.events({ after: { seq: 0 } })) if (event.type === "gap") event.before.toFixed();
     }
     // @ts-expect-error there is no such event
     client.on("nothing", () => state.online.toFixed());
     // @ts-expect-error a snapshot is immutable
     state.online = 2;
     void localStorageOutbox;`,
  );
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", project]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe("");
});
