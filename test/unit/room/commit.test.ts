// Group commit: what is acknowledged is written, what fails leaves no trace, what comes twice is one event.
import { expect, test } from "vitest";
import { IDEMPOTENCY_MS, type ServerLine } from "../../../src/protocol/index.ts";
import { keyOf, parseFrame, TestRoom } from "../../helpers/test-room.ts";

const send = (id: string, text = id, reply?: number) =>
  ({ type: "send", id, text, ...(reply !== undefined && { reply }) }) as const;

/** What matters here of a line: an ok's seq, an error's code, an event's seq and text. */
function brief(line: ServerLine): string {
  switch (line.type) {
    case "ok":
      return `ok ${line.id} ${line.seq ?? ""}`.trimEnd();
    case "error":
      return `error ${line.id ?? ""} ${line.code}`;
    case "message":
      return `message ${line.seq} ${line.text}`;
    case "edit":
    case "delete":
    case "react":
      return `${line.type} ${line.seq} of ${line.target}`;
    default:
      return line.type;
  }
}

/** The room, with two members whose welcome and presence have been read. */
function roomOfTwo(config = {}) {
  const room = new TestRoom(config);
  const ann = room.join("Ann");
  const bob = room.join("Bob");
  room.now += 1_000;
  room.run();
  ann.take();
  bob.take();
  return { room, ann, bob };
}

test("an ok comes before its event, in the same frame, and nothing comes before the write", () => {
  const { room, ann, bob } = roomOfTwo();
  room.say(ann, send("a"), send("b"));
  expect([ann.frames, bob.frames, room.store.table("messages")]).toEqual([[], [], []]);
  room.run();
  expect(ann.take().map((frame) => parseFrame(frame).map(brief))).toEqual([
    ["ok a 1", "ok b 2", "message 1 a", "message 2 b"],
  ]);
  expect(bob.take().map((frame) => parseFrame(frame).map(brief))).toEqual([["message 1 a", "message 2 b"]]);
});

test("at each moment at which a frame leaves, what it acknowledges is in the store", () => {
  const { room, ann, bob } = roomOfTwo();
  const stored: unknown[] = [];
  for (const peer of [ann, bob]) {
    peer.send = () => stored.push([room.store.db.isTransaction, room.store.table("messages").length]);
  }
  room.say(ann, send("a"), send("b"));
  room.run();
  expect(stored).toEqual([
    [false, 2],
    [false, 2],
  ]);
});

test("a commit that fails tells every asker so, tells nobody else, and may be tried again", () => {
  const { room, ann, bob } = roomOfTwo();
  room.store.fault = (query) => {
    if (query === "COMMIT") throw new Error("disk full");
  };
  room.say(ann, send("a"), send("b"));
  room.say(bob, send("c"));
  room.run();
  expect(ann.takeLines().map(brief)).toEqual(["error a internal", "error b internal"]);
  expect(bob.takeLines().map(brief)).toEqual(["error c internal"]);
  expect(room.reports).toEqual(["commit failed"]);
  room.store.fault = undefined;
  expect(room.ask(ann, send("b"), send("a")).map(brief)).toEqual([
    "ok b 1",
    "ok a 2",
    "message 1 b",
    "message 2 a",
  ]);
  expect(bob.takeLines().map(brief)).toEqual(["message 1 b", "message 2 a"]);
});

test("a repeated command is answered with the first one's seq, over any socket of that person, and is one event", () => {
  const { room, ann, bob } = roomOfTwo();
  const tablet = room.join("Ann");
  tablet.take();
  room.say(ann, send("a"), send("a"));
  room.say(tablet, send("a"));
  room.run();
  expect(ann.takeLines().map(brief)).toEqual(["ok a 1", "ok a 1", "message 1 a"]);
  expect(tablet.takeLines().map(brief)).toEqual(["ok a 1", "message 1 a"]);
  expect(room.ask(tablet, send("a")).map(brief)).toEqual(["ok a 1"]);
  // The id is that person's: another's of the same name is another command.
  expect(room.ask(bob, send("a")).map(brief)).toContain("ok a 2");
});

test("repeats are known for five minutes, through eviction and crash", () => {
  const { room, ann } = roomOfTwo();
  room.ask(ann, send("a"));
  room.now += IDEMPOTENCY_MS - 1;
  expect(room.ask(ann, send("a")).map(brief)).toEqual(["ok a 1"]);
  room.hibernate();
  expect(room.ask(ann, send("a")).map(brief)).toEqual(["ok a 1"]);
  room.crash();
  const again = room.join("Ann");
  again.take();
  expect(room.ask(again, send("a")).map(brief)).toEqual(["ok a 1"]);
});

test("a repeat is known after a crash, even where a busy room said ten thousand other things since", () => {
  const room = new TestRoom({ historyLimit: 100_000 });
  const ann = room.join("Ann");
  room.ask(ann, send("first"));
  for (let n = 1; n <= 12_000; n += 1) {
    room.say(ann, send(`m${n}`));
    if (n % 1_000 === 0) room.run();
  }
  room.crash();
  const again = room.join("Ann");
  again.take();
  expect(room.ask(again, send("first")).map(brief)).toEqual(["ok first 1"]);
});

test("another content under the same id is a conflict, through eviction too", () => {
  const { room, ann } = roomOfTwo();
  room.ask(ann, send("a"), send("b", "b", 1));
  const others = [
    send("a", "other"),
    send("a", "a", 2),
    send("b", "b"),
    { type: "edit", id: "a", target: 1, text: "a" },
    { type: "delete", id: "a", target: 1 },
    { type: "react", id: "a", target: 1, emoji: "👍", on: true },
  ] as const;
  for (const other of others) {
    expect(room.ask(ann, other).map(brief)).toEqual([`error ${other.id} conflict`]);
  }
  room.hibernate();
  for (const other of others) {
    expect(room.ask(ann, other).map(brief)).toEqual([`error ${other.id} conflict`]);
  }
});

test("a refused command is not remembered: it may succeed later under the same id", () => {
  const { room, ann } = roomOfTwo();
  expect(room.ask(ann, send("a", "a", 1)).map(brief)).toEqual(["error a not_found"]);
  room.ask(ann, send("b"));
  expect(room.ask(ann, send("a", "a", 1)).map(brief)).toEqual(["ok a 2", "message 2 a"]);
});

test("edits and deletions are their author's, reactions anyone's, and none is for what is not there", () => {
  const { room, ann, bob } = roomOfTwo();
  room.ask(ann, send("a"));
  const ids = { edit: "e", delete: "d", react: "r" };
  const edit = (target: number) => ({ type: "edit", id: ids.edit, target, text: "x" }) as const;
  const remove = (target: number) => ({ type: "delete", id: ids.delete, target }) as const;
  const react = (target: number) =>
    ({ type: "react", id: ids.react, target, emoji: "👍", on: true }) as const;
  bob.take();
  expect(room.ask(bob, edit(1), remove(1), react(1)).map(brief)).toEqual([
    "error e forbidden",
    "error d forbidden",
    "ok r 2",
    "react 2 of 1",
  ]);
  ann.take();
  expect(room.ask(ann, edit(9), remove(9), react(9), edit(2)).map(brief)).toEqual([
    "error e not_found",
    "error d not_found",
    "error r not_found",
    "error e not_found",
  ]);
  expect(room.ask(ann, edit(1), remove(1)).map(brief)).toEqual([
    "ok e 3",
    "ok d 4",
    "edit 3 of 1",
    "delete 4 of 1",
  ]);
  ids.edit = "e2";
  ids.react = "r2";
  expect(room.ask(ann, edit(1), react(1)).map(brief)).toEqual(["error e2 not_found", "error r2 not_found"]);
});

test("a message takes twenty different emoji, and no more", () => {
  const { room, ann, bob } = roomOfTwo();
  room.ask(ann, send("a"));
  const emoji = [..."😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔"];
  const react = (n: number, on = true) =>
    ({ type: "react", id: `r${n}${on}`, target: 1, emoji: emoji[n] ?? "", on }) as const;
  for (let n = 0; n < 20; n += 1) expect(room.ask(ann, react(n)).map(brief)[0]).toBe(`ok r${n}true ${n + 2}`);
  bob.take();
  expect(room.ask(bob, react(20)).map(brief)).toEqual(["error r20true forbidden"]);
  expect(room.ask(bob, react(3)).map(brief)[0]).toBe("ok r3true 22");
  room.ask(ann, react(0, false));
  bob.take();
  expect(room.ask(bob, react(20)).map(brief)[0]).toBe("ok r20true 24");
});

test("a burst of more than one flush takes goes out over several, in order, none lost", () => {
  const { room, ann, bob } = roomOfTwo();
  const text = "x".repeat(8_000);
  const sent = Array.from({ length: 200 }, (_, i) => send(`m${i}`, text));
  for (const command of sent) room.say(ann, command);
  const frames: number[] = [];
  while (room.dueAt !== null && room.dueAt <= room.now) {
    room.step();
    frames.push(bob.takeLines().filter(({ type }) => type === "message").length);
  }
  expect(frames.length).toBeGreaterThan(1);
  expect(frames.reduce((sum, count) => sum + count, 0)).toBe(200);
  const acknowledged = ann.takeLines().filter(({ type }) => type === "ok");
  expect(acknowledged.map(brief)).toEqual(sent.map(({ id }, i) => `ok ${id} ${i + 1}`));
});

test("a clock that is set back does not hold up what is said", () => {
  const room = new TestRoom();
  const peers = Array.from({ length: 60 }, (_, i) => room.join(`P${i}`));
  const [ann, bob] = peers;
  if (ann === undefined || bob === undefined) throw new Error("there are peers");
  room.ask(ann, send("a"));
  room.now -= 3_600_000;
  bob.take();
  room.say(ann, send("b"));
  room.step();
  expect(bob.takeLines().map(brief)).toContain("message 2 b");
});

test("who is told of a command that came by HTTP hears it after the write, once", () => {
  const { room, bob } = roomOfTwo();
  const heard: unknown[] = [];
  const post = (id: string, text: string) =>
    room.http.post(
      { id, text, key: keyOf("Carl"), name: "Carl" },
      "",
      (result) => heard.push(result),
      room.now,
    );
  post("a", "over HTTP");
  expect(heard).toEqual([]);
  room.run();
  post("a", "over HTTP");
  post("a", "another");
  room.run();
  expect(heard).toMatchObject([
    { ok: true, value: { seq: 1, repeated: false } },
    { ok: true, value: { seq: 1, repeated: true } },
    { ok: false, error: { code: "conflict" } },
  ]);
  expect(bob.takeLines().map(brief)).toEqual(["message 1 over HTTP"]);
});
