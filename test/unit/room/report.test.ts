import { expect, test } from "vitest";
import { type ReportLine, throttledReport } from "../../../src/room/report.ts";

test("writes one line a second for each event, with the number of lines left out", () => {
  const lines: ReportLine[] = [];
  let now = 0;
  const report = throttledReport(
    (line) => lines.push(line),
    () => now,
  );
  for (; now < 2_500; now += 10) report("a frame failed", "reason");
  report("commit failed", "disk full");
  expect(lines).toEqual([
    { event: "a frame failed", reason: "reason" },
    { event: "a frame failed", reason: "reason", omitted: 99 },
    { event: "a frame failed", reason: "reason", omitted: 99 },
    { event: "commit failed", reason: "disk full" },
  ]);
});

test("writes again after the clock was set back", () => {
  const lines: ReportLine[] = [];
  let now = 10_000_000;
  const report = throttledReport(
    (line) => lines.push(line),
    () => now,
  );
  report("a frame failed", "first");
  now = 0;
  report("a frame failed", "second");
  expect(lines.map(({ reason }) => reason)).toEqual(["first", "second"]);
});
