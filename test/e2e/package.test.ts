// The package as other programs get it: packed, unpacked among their modules, imported and type-checked.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const npm = (...args: string[]) => run("npm", args, { shell: process.platform === "win32" });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-chat-package-"));
  const modules = join(folder, "node_modules");
  await mkdir(modules);
  const { stdout } = await npm("pack", "--silent", "--pack-destination", folder);
  await run("tar", ["-xzf", stdout.trim()], { cwd: folder });
  // The archive holds one folder, "package"; its one dependency comes from here instead of a registry.
  await symlink(join(folder, "package"), join(modules, "edge-chat"), "junction");
  await symlink(resolve("node_modules/valibot"), join(modules, "valibot"), "junction");
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

test("brings one library along, not what only the service and its page are built of", async () => {
  const manifest = JSON.parse(await readFile(join(folder, "package", "package.json"), "utf8"));
  expect(Object.keys(manifest.dependencies)).toEqual(["valibot"]);
});

test("Node imports the client and the protocol", async () => {
  const program = `
    import { ChatClient } from "edge-chat/client";
    import { PING } from "edge-chat/protocol";
    const client = new ChatClient({ url: "wss://chat.example/ws/demo" });
    client.send("hello");
    console.log(client.state.connection, client.state.outbox.length, PING);`;
  const file = join(folder, "program.js");
  await writeFile(file, program);
  // Modules are found where they are linked, as an installed package's are.
  const { stdout } = await run(process.execPath, ["--preserve-symlinks", file], { cwd: folder });
  expect(stdout.trim()).toBe('idle 1 {"type":"ping"}');
});

test.each([
  [
    "a browser",
    ["es2024", "dom"],
    [],
    'wake: window, storage: { load: () => localStorage.getItem("x"), save: (x) => localStorage.setItem("x", x) }',
  ],
  ["Node", ["es2024"], ["node"], "clock: { now: Date.now, setTimeout, clearTimeout: () => {} }"],
  ["Workers", ["es2024"], ["@cloudflare/workers-types"], "wake: null"],
])("its types fit %s, and tell what is wrong", async (name, lib, types, options) => {
  const project = join(folder, name.replace(" ", "-"));
  await mkdir(project);
  const compilerOptions = {
    ...{ lib, types, target: "es2024", module: "nodenext", strict: true, noEmit: true, skipLibCheck: true },
    typeRoots: [resolve("node_modules/@types"), resolve("node_modules")],
    preserveSymlinks: true,
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["."] }));
  await writeFile(
    join(project, "program.ts"),
    `import { ChatClient, type ChatState } from "edge-chat/client";
     const client = new ChatClient({ url: "wss://chat.example/ws/demo", webSocket: WebSocket, ${options} });
     client.on("event", (event) => event.type === "message" && event.text.trim());
     const state: ChatState = client.state;
     // @ts-expect-error there is no such event
     client.on("nothing", () => state.online.toFixed());
     // @ts-expect-error a snapshot is immutable
     state.online = 2;`,
  );
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", project]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe("");
});
