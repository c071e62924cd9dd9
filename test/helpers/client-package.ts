// The client's package, built and installed into an empty project, and the examples of its README.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** ClientPackage is a project in a temporary folder that has installed the package. */
export interface ClientPackage {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Builds, packs and installs the package. `env` is added to the environment of the build. */
export async function installClientPackage(env: Record<string, string> = {}): Promise<ClientPackage> {
  const folder = await mkdtemp(join(tmpdir(), "edge-chat-package-"));
  await run(process.execPath, ["src/client/build.ts", join(folder, "package")], {
    env: { ...process.env, ...env },
  });
  const { stdout } = await npm(["pack", "--silent", "--pack-destination", folder, join(folder, "package")]);
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await npm(["install", `./${stdout.trim()}`], folder);
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

function npm(args: string[], cwd = resolve(".")) {
  return run("npm", ["--no-audit", "--no-fund", ...args], { cwd, shell: process.platform === "win32" });
}

/**
 * Returns the code of an example of the client's README, by the name behind its language. `url` replaces
 * the URL in it.
 */
export async function readmeExample(name: string, url: URL): Promise<string> {
  const text = await readFile("src/client/README.md", "utf8");
  for (const [, example, code = ""] of text.matchAll(/^```\w+ ([\w.-]+)\n(.*?)^```$/gms)) {
    if (example === name)
      return code.replace(/"(?:wss:\/\/chat\.example)?\/ws\/demo"/, JSON.stringify(url.href));
  }
  throw new Error(`src/client/README.md has no example ${name}`);
}
