// A whole room, from the frames of clients to the frames that they receive.
import { expect, test } from "vitest";
import type { ServerLine } from "../../../src/protocol/index.ts";
import { keyOf, parseFrame, roomOf, type TestPeer } from "../../helpers/test-room.ts";

const send = (id: string, text = id) => ({ type: "send", id, text }) as const;

/** Returns a line in short: the seq of an ok, the code of an error, the seq and text of a message. */
function brief(line: ServerLine): string {
  switch (line.type) {
    case "ok":
      return `ok ${line.id} ${line.seq}`;
    case "error":
      return `error ${line.id} ${line.code}`;
    case "message":
      return `message ${line.seq} ${line.text}`;
    default:
      return line.type;
  }
}

/** Returns the lines that `peer` received since the last call, in short, for each frame. */
const takeFrames = (peer: TestPeer) => peer.take().map((frame) => parseFrame(frame).map(brief));

test("sends ok before its event, in one frame, after the write", () => {
  const { room, ann, bob } = roomOf(2);
  room.receive(ann, send("a"), send("b"));
  expect([ann.frames, bob.frames, room.store.table("messages")]).toEqual([[], [], []]);
  room.run();
  expect(takeFrames(ann)).toEqual([["ok a 1", "ok b 2", "message 1 a", "message 2 b"]]);
  expect(takeFrames(bob)).toEqual([["message 1 a", "message 2 b"]]);
});

test("sends frames only after the transaction is committed", () => {
  const { room, ann, bob } = roomOf(2);
  const stored: unknown[] = [];
  for (const peer of [ann, bob]) {
    peer.send = () => stored.push([room.store.db.isTransaction, room.store.table("messages").length]);
  }
  room.receive(ann, send("a"), send("b"));
  room.run();
  expect(stored).toEqual([
    [false, 2],
    [false, 2],
  ]);
});

test("tells only the senders of a failed commit, who can send again", () => {
  const { room, ann, bob } = roomOf(2);
  room.store.fault = (query) => {
    if (query === "COMMIT") throw new Error("disk full");
  };
  room.receive(ann, send("a"), send("b"));
  room.receive(bob, send("c"));
  room.run();
  expect(takeFrames(ann)).toEqual([["error a internal", "error b internal"]]);
  expect(takeFrames(bob)).toEqual([["error c internal"]]);
  room.store.fault = undefined;
  room.receive(ann, send("b"), send("a"));
  room.run();
  expect(takeFrames(ann)).toEqual([["ok b 1", "ok a 2", "message 1 b", "message 2 a"]]);
  expect(takeFrames(bob)).toEqual([["message 1 b", "message 2 a"]]);
});

test("answers a command that is repeated on another connection with the first seq", () => {
  const { room, ann } = roomOf(2);
  const second = room.join("Ann");
  second.take();
  room.receive(ann, send("a"));
  room.receive(second, send("a"));
  room.run();
  expect(takeFrames(ann)).toEqual([["ok a 1", "message 1 a"]]);
  expect(takeFrames(second)).toEqual([["ok a 1", "message 1 a"]]);
});

test("answers a command that is repeated after a crash with the first seq", () => {
  const { room, ann } = roomOf(2);
  room.exchange(ann, send("a"));
  room.crash();
  const second = room.join("Ann");
  second.take();
  expect(room.exchange(second, send("a")).map(brief)).toEqual(["ok a 1"]);
});

test("sends a large burst in several flushes, in order", () => {
  const { room, ann, bob } = roomOf(2);
  const commands = Array.from({ length: 200 }, (_, i) => send(`m${i}`, "x".repeat(8_000)));
  for (const command of commands) room.receive(ann, command);
  const counts: number[] = [];
  while (room.dueAt !== null && room.dueAt <= room.now) {
    room.step();
    counts.push(bob.takeLines().filter(({ type }) => type === "message").length);
  }
  expect(counts.length).toBeGreaterThan(1);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200);
  const accepted = ann.takeLines().filter(({ type }) => type === "ok");
  expect(accepted.map(brief)).toEqual(commands.map(({ id }, i) => `ok ${id} ${i + 1}`));
});

test("sends messages at once after the clock was set back", () => {
  const { room, ann, bob } = roomOf(60);
  room.exchange(ann, send("a"));
  bob.take();
  room.now -= 3_600_000;
  room.receive(ann, send("b"));
  room.step();
  expect(takeFrames(bob)).toEqual([["message 2 b"]]);
});

test("resolves a message posted over HTTP after the write, once for each id", () => {
  const { room, bob } = roomOf(2);
  const results: unknown[] = [];
  const post = (id: string, text: string) => {
    const body = { id, text, key: keyOf("Cem"), name: "Cem" };
    room.http.post(body, { network: "" }, (result) => results.push(result), room.now);
  };
  post("a", "over HTTP");
  expect(results).toEqual([]);
  room.run();
  post("a", "over HTTP");
  post("a", "another");
  room.run();
  expect(results).toMatchObject([
    { ok: true, value: { seq: 1, repeated: false } },
    { ok: true, value: { seq: 1, repeated: true } },
    { ok: false, error: { code: "conflict" } },
  ]);
  expect(takeFrames(bob)).toEqual([["message 1 over HTTP"]]);
});
