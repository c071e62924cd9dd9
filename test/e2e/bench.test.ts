// The quick bench works from end to end. Its figures are not checked.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Bun is fetched from the network when the bench runs, so this test leaves it out. */
const SERVERS = ["edge-chat", "naive", "ws", "Socket.IO"];

test("the quick bench prints a table of its servers and writes a report with a plot", {
  timeout: 240_000,
}, async () => {
  const out = await mkdtemp(join(tmpdir(), "edge-chat-report-"));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...["test/bench/main.ts", "--quick", "--out", out],
      ...SERVERS.flatMap((name) => ["--server", name]),
    ]);
    const [head = "", , ...rows] = stdout.split("\n").filter((line) => line.startsWith("|"));
    expect(cellsOf(head)).toEqual(["", ...SERVERS]);
    expect(rows).toHaveLength(6);
    for (const row of rows)
      expect(cellsOf(row)).toSatisfy((cells: string[]) => cells.every((cell) => cell !== ""));

    expect(await readFile(join(out, "report.md"), "utf8")).toContain(`${head}\n|---|`);
    const svg = await readFile(join(out, "latency.svg"), "utf8");
    for (const name of cellsOf(head)) expect(svg).toContain(name);
  } finally {
    await rm(out, { recursive: true });
  }
});

function cellsOf(row: string): string[] {
  return row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
