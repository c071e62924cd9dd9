import { expect, test } from "vitest";
import { freshRoom, join } from "./rooms.ts";

test("delivers every message in a room whose flushes drain slowly", async () => {
  const room = freshRoom();
  const members = await Promise.all(Array.from({ length: 30 }, () => join(room)));
  const [ann, bob] = members;
  if (ann === undefined || bob === undefined) throw new Error("there are 30 members");
  const ids = Array.from({ length: 40 }, (_, i) => `m${i}`);
  // One half one by one, the other at once. Each has the size of the rate limit's burst.
  for (const id of ids.slice(0, 20)) {
    ann.command({ type: "send", id, text: id });
    await ann.linesUntil((line) => line.type === "message");
  }
  for (const id of ids.slice(20)) bob.command({ type: "send", id, text: id });
  for (const member of members.slice(1)) {
    const lines = await member.linesUntil((line) => line.type === "message" && line.text === "m39");
    const texts = lines.flatMap((line) => (line.type === "message" ? [line.text] : []));
    expect(texts).toEqual(ids);
  }
});
