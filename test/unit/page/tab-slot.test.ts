// Stored outboxes.
import { afterEach, expect, test, vi } from "vitest";
import { itemNames, readItem, writeItem } from "../../../src/page/storage/browser-storage.ts";
import { removeEmptyOutboxes } from "../../../src/page/storage/tab-slot.ts";

afterEach(() => void vi.unstubAllGlobals());

test("removes empty outboxes of older versions and keeps the others", () => {
  // Without localStorage, values live in memory.
  vi.stubGlobal("localStorage", undefined);
  const entry = { at: 1, command: { type: "send", id: "a", text: "unsent" } };
  const full = JSON.stringify({ version: 1, epoch: "e", entries: [entry] });
  writeItem("outbox:one:0", JSON.stringify({ version: 1, epoch: "e", entries: [] }));
  writeItem("outbox:two:0", full);
  writeItem("draft:one:0", JSON.stringify({ text: "a draft" }));
  removeEmptyOutboxes();
  expect(itemNames("outbox:")).toEqual(["outbox:two:0"]);
  expect(readItem("outbox:two:0")).toBe(full);
  expect(itemNames("draft:")).toEqual(["draft:one:0"]);
});
