// Plain mode.
import { expect, test } from "vitest";
import { MAX_TEXT_BYTES } from "../../src/protocol/limits.ts";
import { freshRoom, join, openPlain } from "./rooms.ts";

test("exchanges bare text with plain sockets and named text with chat.v1", async () => {
  const room = freshRoom();
  const ann = await join(room, { name: "Ann" });
  const plain = await openPlain(room);
  const other = await openPlain(room);
  plain.say("  hello\nfrom netcat ");
  expect(await plain.nextLine()).toBe("hello from netcat");
  expect(await other.nextLine()).toBe("hello from netcat");
  expect(await ann.next("message")).toMatchObject({
    text: "hello from netcat",
    name: expect.stringMatching(/^guest-[a-z2-7]{4}$/),
  });
  ann.command({ type: "send", id: "a", text: "two\nlines" });
  expect(await other.nextLine()).toBe("Ann: two lines");
  plain.sendFrame(await new Blob(["bytes of 团队"]).arrayBuffer());
  expect(await other.nextLine()).toBe("bytes of 团队");
  plain.say(" \n ");
  plain.say("after a blank frame");
  expect(await other.nextLine()).toBe("after a blank frame");
});

test("receives no edits, reactions, presence or history", async () => {
  const room = freshRoom();
  const ann = await join(room, { name: "Ann" });
  ann.command({ type: "send", id: "a", text: "before" });
  await ann.next("message");
  const plain = await openPlain(room);
  ann.command(
    { type: "edit", id: "b", target: 1, text: "after" },
    { type: "react", id: "c", target: 1, emoji: "👍", on: true },
    { type: "rename", id: "d", name: "Anna" },
    { type: "send", id: "e", text: "next" },
  );
  await ann.linesUntil((line) => line.type === "message" && line.text === "next");
  expect(await plain.nextLine()).toBe("Anna: next");
  expect(plain.heard).toEqual(["Anna: next"]);
});

test("sends a notice of the rate limit to the sender only", async () => {
  const room = freshRoom();
  const [fast, other] = [await openPlain(room), await openPlain(room)];
  for (let i = 0; i < 60; i += 1) fast.say(`line ${i}`);
  fast.say("x".repeat(MAX_TEXT_BYTES + 1));
  await fast.closed;
  expect(fast.heard).toContain("* not sent: too fast, try again in 1 s");
  const notices = fast.heard.filter((line) => line.startsWith("*"));
  for (let i = notices.length; i < 60; i += 1) await other.nextLine();
  expect(other.heard).toHaveLength(60 - notices.length);
  expect(other.heard.every((line) => line.startsWith("line "))).toBe(true);
});
