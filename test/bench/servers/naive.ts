/** Starts the naive room on workerd and prints its address. The argument is a folder for its configuration. */
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { transform } from "esbuild";

const source = await readFile(join(import.meta.dirname, "worker", "naive-room.ts"), "utf8");
const { code } = await transform(source, { loader: "ts" });
const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .naive)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const naive :Workerd.Worker = (
  modules = [(name = "naive-room.js", esModule = ${JSON.stringify(code)})],
  compatibilityDate = "2026-10-23",
  durableObjectNamespaces = [(className = "NaiveRoom", uniqueKey = "naive", enableSql = true)],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "ROOM", durableObjectNamespace = "NaiveRoom")],
);
`;

const file = join(process.argv[2] ?? "", "naive.capnp");
await writeFile(file, config);
const child = spawn("node_modules/.bin/workerd", ["serve", "--control-fd=3", file], {
  stdio: ["ignore", 2, 2, "pipe"],
});
child.once("exit", (code) => process.exit(code ?? 1));
for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
  const { event, port } = JSON.parse(line);
  if (event === "listen") console.log(`listening on http://127.0.0.1:${port}`);
}
