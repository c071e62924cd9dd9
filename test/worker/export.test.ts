// Exports of a room over HTTP, in the runtime.
import { expect, test } from "vitest";
import { ask, freshRoom, join } from "./rooms.ts";

test("exports a room with its changes applied, as a download", async () => {
  const room = freshRoom();
  const ann = await join(room, { name: "Ann" });
  for (let i = 0; i < 10; i += 1) ann.command({ type: "send", id: `m${i}`, text: `text ${i}` });
  ann.command({ type: "edit", id: "e", target: 1, text: "edited" }, { type: "delete", id: "d", target: 2 });
  await ann.next("delete");
  const response = await ask(`/api/rooms/${room}/export`);
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Disposition")).toBe(`attachment; filename*=UTF-8''${room}.jsonl`);
  const lines = (await response.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ type: "room", room, seq: 12, pruned: 0 });
  expect(lines.at(-1)).toEqual({ type: "end", seq: 12 });
  expect(lines.slice(1, -1).map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  expect(lines[1]).toMatchObject({ text: "edited" });
  expect(lines[2]).toMatchObject({ text: "", deleted: true });
  expect(lines[1]).not.toHaveProperty("id");
});

test.each([
  ["txt", "text/plain; charset=utf-8"],
  ["html", "text/html; charset=utf-8"],
])("exports %s", async (format, type) => {
  const response = await ask(`/api/rooms/${freshRoom()}/export?format=${format}`);
  expect(response.headers.get("Content-Type")).toBe(type);
  expect((await response.text()).length).toBeGreaterThan(0);
});

test("answers an unknown format with 400", async () => {
  const response = await ask(`/api/rooms/${freshRoom()}/export?format=pdf`);
  expect(response.status).toBe(400);
});
