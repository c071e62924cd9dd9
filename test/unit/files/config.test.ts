import { expect, test } from "vitest";
import { quotasFrom } from "../../../src/files/config.ts";

const MIB = 1024 * 1024;

test("reads the quotas, and uses the default of a missing or invalid one", () => {
  const reasons: string[] = [];
  const quotas = quotasFrom({ ROOM_FILES_MIB: "2", USER_FILES_MIB: "much" }, (reason) =>
    reasons.push(reason),
  );
  expect(quotas).toEqual({ room: 2 * MIB, user: 256 * MIB, address: 256 * MIB });
  expect(reasons).toEqual(["USER_FILES_MIB must be a whole number, 0 or more; using 256"]);
  expect(quotasFrom({ ROOM_FILES_MIB: "0" }, () => {}).room).toBe(0);
});
