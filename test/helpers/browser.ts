// Finds a Chromium and starts it: the one that npm brought where that runs, else one that is installed.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import * as v from "valibot";

/** Whether the browser that npm brings runs here. */
const HAS_BUNDLED = process.platform === "linux" && process.arch === "x64";

/** Where systems keep a Chromium or one of its relatives. */
const USUAL_PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
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

/** Fonts of the unpacked browser, besides those of the system: without any font, text takes no room on a page. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="relative">fonts-cache</cachedir>
</fontconfig>
`;

/** What keeps the browser from talking to anyone but the page under test, and from work that no test needs. */
const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--disable-domain-reliability",
  "--no-pings",
  // No process is started ahead for another site, of which there is none.
  "--disable-site-isolation-trials",
];

/**
 * A browser without a window: the one that CHROMIUM_PATH names before any other. The one that npm brought comes
 * before those of the system: it is the same everywhere, and has no more than most pages need, so that tests take
 * a third less of a processor's time. It throws where there is none; no test is left out for want of one.
 */
export function launchBrowser(): Promise<Browser> {
  return launch(HAS_BUNDLED ? undefined : findInstalled());
}

/** A browser for what the one that npm brought lacks, such as notifications: one that is installed before it. */
export function launchWholeBrowser(): Promise<Browser> {
  return launch(findInstalled());
}

async function launch(installed: string | undefined): Promise<Browser> {
  const path = namedBrowser() ?? installed;
  if (path !== undefined) return chromium.launch({ executablePath: path, args: QUIET });
  if (HAS_BUNDLED) return launchBundled();
  throw new Error(
    "No browser found: install Chrome or Chromium, or set CHROMIUM_PATH to the program of one.",
  );
}

/** Unpacks, before the first test, the browser that npm brought: else each file that starts one would, at once. */
export async function setup(): Promise<void> {
  if (HAS_BUNDLED && namedBrowser() === undefined) await unpackBundled();
}

/** Path of the browser that CHROMIUM_PATH names. */
function namedBrowser(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named === undefined || named === "") return undefined;
  if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names no file: ${named}`);
  return named;
}

/** Path of a browser of this system. */
function findInstalled(): string | undefined {
  return [...(USUAL_PLACES[process.platform] ?? []), chromium.executablePath()].find(existsSync);
}

async function launchBundled(): Promise<Browser> {
  const folder = await unpackBundled();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: QUIET,
    // Its own copies of the few libraries, and of a font, that a bare system lacks.
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, "al2023/lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  });
}

/**
 * Unpacks the browser inside the package @sparticuz/chromium (Linux on x64) and gives the folder, which is
 * kept for later runs. Safe when several test files ask at once: each unpacks aside, and the first one's stays.
 */
async function unpackBundled(): Promise<string> {
  const manifest = await readFile(resolve("node_modules/@sparticuz/chromium/package.json"), "utf8");
  const { version } = v.parse(v.object({ version: v.string() }), JSON.parse(manifest));
  const folder = resolve(`.tmp/chromium-${version}`);
  if (existsSync(folder)) return folder;

  await mkdir(".tmp", { recursive: true });
  const aside = await mkdtemp(resolve(".tmp/unpacking-"));
  // The package unpacks to the folder for temporary files, and its libraries only where it sees a Lambda.
  const unpack =
    'const { default: chromium } = await import("@sparticuz/chromium"); await chromium.executablePath();';
  const env = { ...process.env, TMPDIR: aside, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" };
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", unpack], { env });
  await writeFile(join(aside, "fonts.conf"), FONTS);
  try {
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
