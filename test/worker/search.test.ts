// Searches over a socket and over HTTP, in the runtime.
import { expect, test } from "vitest";
import { ask, freshRoom, join } from "./rooms.ts";

test("finds messages over a socket and over HTTP", async () => {
  const room = freshRoom();
  const ann = await join(room, { name: "Ann" });
  const texts = ["绿茶很好喝", "coffee", "Ｔｅａ time"];
  ann.command(...texts.map((text, i) => ({ type: "send", id: `m${i}`, text }) as const));
  await ann.linesUntil((line) => line.type === "message" && line.seq === 3);
  ann.command({ type: "search", id: "s", q: "tea from:ann" });
  expect(await ann.next("found")).toMatchObject({ id: "s", events: [{ seq: 3, text: "Ｔｅａ time" }] });

  const response = await ask(`/api/rooms/${room}/search?q=${encodeURIComponent("绿茶")}`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ seq: 3, events: [{ seq: 1, text: "绿茶很好喝" }] });
});

test.each(["", "?q=", "?q=a&limit=0", "?q=before:never", `?q=${"x".repeat(500)}`])(
  "answers a search with %j with 400 and a sentence",
  async (query) => {
    const response = await ask(`/api/rooms/${freshRoom()}/search${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: "bad_request", message: expect.stringMatching(/\w/) },
    });
  },
);
