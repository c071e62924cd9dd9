// Finds and starts a Chromium: the one from the npm package if it runs here, else an installed one.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";
import * as v from "valibot";
import { hasMemoryFolder } from "./memory-folder.ts";

/** Whether the browser from the npm package runs here. */
const HAS_BUNDLED = process.platform === "linux" && process.arch === "x64";

/** Usual paths of Chromium and its derivatives. */
const USUAL_PATHS: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/microsoft-edge",
    "/snap/bin/chromium",
  ],
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA]
    .filter((folder) => folder !== undefined)
    .flatMap((folder) => [
      join(folder, "Google/Chrome/Application/chrome.exe"),
      join(folder, "Microsoft/Edge/Application/msedge.exe"),
    ]),
};

/** Adds the fonts of the unpacked browser to those of the system: without any font, text has no size. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="relative">fonts-cache</cachedir>
</fontconfig>
`;

/** Switches that prevent requests to other hosts, and work that no test needs. */
const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--disable-domain-reliability",
  "--no-pings",
  // There is no other site that needs a spare process.
  "--disable-site-isolation-trials",
];

const LAUNCH = {
  args: QUIET,
  // By default Playwright keeps the memory that processes share in files on a disk, for containers that have too little
  // of it. The tests then take a fifth more CPU time.
  ignoreDefaultArgs: hasMemoryFolder() ? ["--disable-dev-shm-usage"] : [],
  // The process that tests run in ends its browsers itself.
  handleSIGTERM: false,
} satisfies LaunchOptions;

/**
 * Starts a headless browser: the one of CHROMIUM_PATH, else the one from the npm package, else an installed one.
 * The packaged browser is the same everywhere, and tests take a third less CPU time with it. Rejects if there is
 * no browser: no test is skipped for lack of one.
 */
export function launchBrowser(): Promise<Browser> {
  return launch(HAS_BUNDLED ? undefined : findInstalled());
}

/** Starts an installed browser if there is one: the packaged browser lacks features such as notifications. */
export function launchWholeBrowser(): Promise<Browser> {
  return launch(findInstalled());
}

/** Browsers that `sharedBrowser` has started, by the function that starts them. */
const shared = new Map<() => Promise<Browser>, Promise<Browser>>();

/**
 * Returns the browser that all test files of this process share: a start takes longer than a short test. It ends with
 * the process.
 */
export async function sharedBrowser(launch: () => Promise<Browser> = launchBrowser): Promise<Browser> {
  const running = await shared.get(launch)?.catch(() => undefined);
  if (running?.isConnected()) return running;
  // The test runner ends its processes with this signal, of which an exit tells Playwright.
  if (shared.size === 0) process.once("SIGTERM", () => process.exit());
  const started = launch();
  shared.set(launch, started);
  return started;
}

async function launch(installed: string | undefined): Promise<Browser> {
  const path = configuredBrowser() ?? installed;
  if (path !== undefined) return chromium.launch({ executablePath: path, ...LAUNCH });
  if (HAS_BUNDLED) return launchBundled();
  throw new Error("no browser found: install Chrome or Chromium, or set CHROMIUM_PATH to its executable");
}

/** Unpacks the packaged browser before the first test, so that test files do not unpack it at the same time. */
export async function setup(): Promise<void> {
  if (HAS_BUNDLED && configuredBrowser() === undefined) await unpackBundled();
}

/** Path from CHROMIUM_PATH. Throws if there is no such file. */
function configuredBrowser(): string | undefined {
  const path = process.env.CHROMIUM_PATH;
  if (path === undefined || path === "") return undefined;
  if (!existsSync(path)) throw new Error(`CHROMIUM_PATH is not a file: ${path}`);
  return path;
}

/** Path of an installed browser. */
function findInstalled(): string | undefined {
  return [...(USUAL_PATHS[process.platform] ?? []), chromium.executablePath()].find(existsSync);
}

async function launchBundled(): Promise<Browser> {
  const folder = await unpackBundled();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    ...LAUNCH,
    // A minimal system lacks some libraries and fonts, which the package contains.
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, "al2023/lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  });
}

/**
 * Unpacks the browser of the package @sparticuz/chromium (Linux on x64) and returns its folder, which is kept
 * for later runs. Concurrent calls are safe: each unpacks to a temporary folder, and the first rename wins.
 */
async function unpackBundled(): Promise<string> {
  const manifest = await readFile(resolve("node_modules/@sparticuz/chromium/package.json"), "utf8");
  const { version } = v.parse(v.object({ version: v.string() }), JSON.parse(manifest));
  const folder = resolve(`.tmp/chromium-${version}`);
  if (existsSync(folder)) return folder;

  await mkdir(".tmp", { recursive: true });
  const temporary = await mkdtemp(resolve(".tmp/unpacking-"));
  // The package unpacks to TMPDIR, and unpacks its libraries only on AWS Lambda.
  const unpack =
    'const { default: chromium } = await import("@sparticuz/chromium"); await chromium.executablePath();';
  const env = { ...process.env, TMPDIR: temporary, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" };
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", unpack], { env });
  await writeFile(join(temporary, "fonts.conf"), FONTS);
  try {
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
