import { expect, test } from "vitest";
import { parseRange } from "../../../src/files/range.ts";

test.each([
  [null, null],
  ["bytes=0-0", { offset: 0, length: 1 }],
  ["bytes=2-5", { offset: 2, length: 4 }],
  ["bytes=2-", { offset: 2, length: 8 }],
  ["bytes=2-99", { offset: 2, length: 8 }],
  ["bytes=-3", { offset: 7, length: 3 }],
  ["bytes=-99", { offset: 0, length: 10 }],
  ["bytes=9-9", { offset: 9, length: 1 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=10-20", "unsatisfiable"],
  ["bytes=99999999999999999999-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=5-2", null],
  ["bytes=-", null],
  ["bytes=0-1,4-5", null],
  ["bytes=a-b", null],
  ["items=0-1", null],
  ["bytes=-1-2", null],
])("%s of 10 bytes", (header, range) => {
  expect(parseRange(header, 10)).toEqual(range);
});
