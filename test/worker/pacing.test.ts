// Pacing in the runtime: a room whose fan-outs take a while hears when one has left, and goes on.
import { expect, it } from "vitest";
import { freshRoom, join } from "./rooms.ts";

it("goes on flushing in a room that is too large to flush without waiting, and loses nothing", async () => {
  const room = freshRoom();
  const people = await Promise.all(Array.from({ length: 30 }, () => join(room)));
  const [ann, bob] = people;
  if (ann === undefined || bob === undefined) throw new Error("there are people");
  const ids = Array.from({ length: 40 }, (_, i) => `m${i}`);
  // The first half is said one by one, the second all at once; each has as many as one person may say at once.
  for (const id of ids.slice(0, 20)) {
    ann.command({ type: "send", id, text: id });
    await ann.linesUntil((line) => line.type === "message");
  }
  for (const id of ids.slice(20)) bob.command({ type: "send", id, text: id });
  for (const person of people.slice(1)) {
    const lines = await person.linesUntil((line) => line.type === "message" && line.text === "m39");
    const texts = lines.flatMap((line) => (line.type === "message" ? [line.text] : []));
    expect(texts).toEqual(ids);
  }
});
