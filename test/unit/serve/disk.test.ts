// The free space of the disk: when rooms are read-only, and when they recover.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DiskWatch, freeBytes } from "../../../src/serve/disk.ts";
import { failWritesWhenFull, type Statements } from "../../../src/serve/worker/read-only.ts";

const MB = 1e6;

const log = vi.spyOn(console, "error");
beforeEach(() => void log.mockReset().mockReturnValue(undefined));
afterEach(() => void log.mockReset());

/** A watch with a limit of 64 MB on a disk whose free space the test sets. */
function watchOf(minFree = 64 * MB) {
  const disk = { free: 100 * MB, isReachable: true, told: [] as boolean[] };
  const watch = new DiskWatch({
    minFree,
    measure: async () => disk.free,
    tell: async (isFull) => {
      disk.told.push(isFull);
      return disk.isReachable;
    },
  });
  const at = async (free: number) => {
    disk.free = free;
    await watch.check();
    return watch.isFull;
  };
  return { disk, watch, at };
}

test("counts as full below the limit, and again as free 16 MB above it", async () => {
  const { at } = watchOf();
  expect(await at(64 * MB)).toBe(false);
  expect(await at(64 * MB - 1)).toBe(true);
  expect(await at(80 * MB - 1)).toBe(true);
  expect(await at(80 * MB)).toBe(false);
});

test("tells and logs each change once", async () => {
  const { disk, at } = watchOf();
  for (const free of [100, 10, 0, 10, 100, 100]) await at(free * MB);
  expect(disk.told).toEqual([true, false]);
  expect(log.mock.calls.map(([line]) => JSON.parse(String(line)))).toEqual([
    { event: "the disk is full: the rooms are read-only", freeMB: 10, minFreeMB: 64 },
    { event: "the disk has space again: the rooms accept messages", freeMB: 100, minFreeMB: 64 },
  ]);
});

test("tells a runtime that does not answer again, without another log line", async () => {
  const { disk, at } = watchOf();
  disk.isReachable = false;
  await at(0);
  await at(0);
  disk.isReachable = true;
  await at(0);
  await at(0);
  expect(disk.told).toEqual([true, true, true]);
  expect(log).toHaveBeenCalledTimes(1);
});

test("the limit 0 never counts as full", async () => {
  expect(await watchOf(0).at(0)).toBe(false);
});

test("a disk that cannot be measured counts as before", async () => {
  const watch = new DiskWatch({
    minFree: 1,
    measure: () => Promise.reject(new Error("no such folder")),
    tell: async () => true,
  });
  await watch.check();
  expect(watch.isFull).toBe(false);
});

test("measures the disk of a folder", async () => {
  expect(await freeBytes(".")).toBeGreaterThan(0);
});

test("only statements that store something fail, and only while the disk is full", () => {
  const queries: string[] = [];
  const sql: Statements = { exec: (query) => queries.push(query) };
  const disk = { isFull: true };
  failWritesWhenFull(sql, disk);
  const reads = ["SELECT 1", "CREATE TABLE IF NOT EXISTS meta (key)"];
  const writes = [
    "INSERT INTO a VALUES (1)",
    "\n  update a SET b = 1",
    "DELETE FROM a",
    "REPLACE INTO a VALUES (1)",
  ];
  for (const query of reads) sql.exec(query);
  for (const query of writes) expect(() => sql.exec(query), query).toThrow("the disk is full");
  expect(queries).toEqual(reads);
  disk.isFull = false;
  for (const query of writes) sql.exec(query);
  expect(queries).toEqual([...reads, ...writes]);
});
