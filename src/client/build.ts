/**
 * Builds the npm package of the client library: `node src/client/build.ts [FOLDER]` compiles `src/client` and
 * `src/protocol` into the folder, with their READMEs and a manifest that names only what they need.
 * `npm run pack:client` makes the archive from it.
 */
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUT = resolve(process.argv[2] ?? join(ROOT, "dist/package"));

await rm(OUT, { recursive: true, force: true });
const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
const project = join(ROOT, "src/client/tsconfig.build.json");
execFileSync(process.execPath, [tsc, "-p", project, "--outDir", OUT], { stdio: "inherit" });
await copyFile(join(ROOT, "LICENSE"), join(OUT, "LICENSE"));
await mkdir(join(OUT, "protocol"), { recursive: true });
await writeFile(join(OUT, "README.md"), await readme("client"));
await writeFile(join(OUT, "protocol", "README.md"), await readme("protocol"));
await writeFile(join(OUT, "package.json"), `${JSON.stringify(await manifest(), null, 2)}\n`);

/** Returns a README with its links to sources and to the other README as they are in the package. */
async function readme(folder: "client" | "protocol"): Promise<string> {
  const text = await readFile(join(ROOT, "src", folder, "README.md"), "utf8");
  const base = folder === "client" ? "client/" : "";
  return text
    .replaceAll("](../protocol/README.md", "](protocol/README.md")
    .replaceAll("](../client/README.md", "](../README.md")
    .replaceAll(/\]\(([\w-]+)\.ts\)/g, `](${base}$1.d.ts)`);
}

async function manifest(): Promise<object> {
  const text = await readFile(join(ROOT, "package.json"), "utf8");
  const { version, type, license, dependencies } = JSON.parse(text);
  const entry = (folder: string) => ({
    types: `./${folder}/index.d.ts`,
    default: `./${folder}/index.js`,
  });
  return {
    name: "edge-chat",
    version,
    description: "Client library for edge-chat rooms: reconnects, resumes, sends once and in order.",
    keywords: ["chat", "websocket", "client", "cloudflare", "durable-objects"],
    ...{ license, type, repository: repository() },
    engines: { node: ">=20" },
    sideEffects: false,
    exports: { ".": entry("client"), "./client": entry("client"), "./protocol": entry("protocol") },
    dependencies: { valibot: dependencies.valibot },
  };
}

/** Returns the repository that this checkout was cloned from. */
function repository(): object | undefined {
  try {
    const url = execFileSync("git", ["config", "--get", "remote.origin.url"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    return { type: "git", url: url.trim() };
  } catch {
    return undefined; // there is no remote, or no git
  }
}
