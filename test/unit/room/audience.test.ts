import { expect, test } from "vitest";
import { CloseCode, type EventBody, type RoomEvent } from "../../../src/protocol/index.ts";
import { Audience } from "../../../src/room/audience.ts";
import { EntryCheck } from "../../../src/room/entry-check.ts";
import type { RoomSecrets } from "../../../src/room/identity.ts";
import type { RoomLog } from "../../../src/room/log-reader.ts";
import { Rules } from "../../../src/room/rules.ts";
import type { Committed, Submission } from "../../../src/room/sequencer.ts";
import type { Mode } from "../../../src/room/session.ts";
import { NodeStore } from "../../helpers/node-store.ts";
import { TestPeer, UNLIMITED } from "../../helpers/test-room.ts";

const NOW = 1_700_000_000_000;
const SECRETS: RoomSecrets = { epoch: "epoch-1", secret: new Uint8Array(32) };

/** FakeLog is an empty log whose head the test sets. */
class FakeLog implements RoomLog {
  head = 0;
  readonly pruned = 0;
  secrets = SECRETS;
  unsavedSecrets: RoomSecrets | null = SECRETS;

  get epoch(): string {
    return this.secrets.epoch;
  }

  adoptSecrets(secrets: RoomSecrets): void {
    this.secrets = secrets;
  }

  hasMessagesBefore = () => false;
  before = () => ({ events: [], more: false });
  after = () => ({ events: [], more: false });
}

/** Run is an audience with what it submitted and reported. There is no sequencer. */
class Run {
  readonly log = new FakeLog();
  readonly submissions: Submission[] = [];
  readonly reports: string[] = [];
  now = NOW;
  readonly rules = new Rules(new NodeStore(), undefined);
  readonly audience = new Audience({
    room: "demo",
    log: this.log,
    rules: this.rules,
    check: new EntryCheck(this.rules),
    retention: { hide: () => {} },
    files: null,
    config: UNLIMITED,
    report: (event) => this.reports.push(event),
    submit: (submission) => this.submissions.push(submission),
    search: () => {},
    history: (_seq, _limit, onPage) => onPage({ ok: true, value: { events: "[]", more: false } }),
  });

  open(mode: Mode = "chat.v1"): TestPeer {
    const peer = new TestPeer();
    peer.connection = this.audience.open(peer, mode, null, this.now);
    return peer;
  }

  /** Opens a connection and sends hello. The welcome is pending. */
  join(name: string): TestPeer {
    const peer = this.open();
    this.receive(peer, { type: "hello", name });
    return peer;
  }

  /** Joins Ann and Bob, who have read their welcomes and the presence lines. */
  joinTwo(): [TestPeer, TestPeer] {
    const [ann, bob] = [this.join("Ann"), this.join("Bob")];
    this.flush();
    ann.take();
    bob.take();
    this.now += 1_000;
    return [ann, bob];
  }

  receive(peer: TestPeer, ...lines: object[]): void {
    this.receiveFrame(peer, lines.map((line) => JSON.stringify(line)).join("\n"));
  }

  receiveFrame(peer: TestPeer, frame: string | ArrayBuffer): void {
    if (peer.connection !== undefined) this.audience.receive(peer.connection, frame, this.now);
  }

  flush(...batch: Committed[]): number {
    this.audience.expire(this.now);
    return this.audience.flush(batch, this.now);
  }

  /** Returns a committed message. Its line is no JSON: the audience must send it as it is. */
  message(text: string, isPlain = false, user = "someone"): Committed {
    this.log.head += 1;
    const event: RoomEvent = { type: "message", seq: this.log.head, at: NOW, user, name: "Cem", text };
    return { event, line: `line of ${text}`, isPlain };
  }
}

const userOf = (peer: TestPeer) => peer.connection?.user ?? "";
const send = (id: string) => ({ type: "send", id, text: id });

test("submits a log command with its author and body", () => {
  const run = new Run();
  const [ann] = run.joinTwo();
  run.receive(ann, send("a"), { type: "rename", id: "r", name: "Anna" });
  const [submission] = run.submissions;
  const body: EventBody = { type: "message", text: "a" };
  expect(submission).toMatchObject({ id: "a", body, isPlain: false });
  // The author is read at the commit, after the rename.
  expect(submission?.author()).toMatchObject({ user: userOf(ann), name: "Anna" });
});

test("submits a text of plain mode without an id", () => {
  const run = new Run();
  const plain = run.open("plain");
  run.receiveFrame(plain, "hello");
  expect(run.submissions).toMatchObject([
    { id: undefined, body: { type: "message", text: "hello" }, isPlain: true },
  ]);
});

test("sends ok before its event, in one frame", () => {
  const run = new Run();
  const [ann, bob] = run.joinTwo();
  run.receive(ann, send("a"));
  expect(run.flush()).toBe(0);
  run.submissions[0]?.onResult({ ok: true, value: { seq: 1, user: userOf(ann), repeated: false } });
  expect(run.flush(run.message("a"))).toBe(2);
  expect(ann.take()).toEqual(['{"type":"ok","id":"a","seq":1}\nline of a']);
  expect(bob.take()).toEqual(["line of a"]);
});

test("sends an error with the id of the command", () => {
  const run = new Run();
  const [ann, bob] = run.joinTwo();
  run.receive(ann, send("a"));
  run.submissions[0]?.onResult({ ok: false, error: { code: "internal", message: "failed" } });
  expect(run.flush()).toBe(1);
  expect(ann.takeLines()).toEqual([{ type: "error", id: "a", code: "internal", message: "failed" }]);
  expect(bob.take()).toEqual([]);
});

test("sends nothing to a closed connection, not even a later result", () => {
  const run = new Run();
  const [ann] = run.joinTwo();
  run.receive(ann, send("a"), { type: "hello" });
  if (ann.connection !== undefined) run.audience.close(ann.connection, run.now);
  run.submissions[0]?.onResult({ ok: true, value: { seq: 1, user: userOf(ann), repeated: false } });
  expect([run.flush(), ann.take()]).toEqual([0, []]);
});

test("sends the lines of a batch as they are, in one frame", () => {
  const run = new Run();
  const [ann, bob] = run.joinTwo();
  run.flush(run.message("one"), run.message("two"));
  expect([ann.take(), bob.take()]).toEqual([["line of one\nline of two"], ["line of one\nline of two"]]);
});

test("sends plain mode the texts of messages, with the name of an author in chat.v1", () => {
  const run = new Run();
  const plain = run.open("plain");
  run.flush();
  const edit: RoomEvent = { type: "edit", seq: 9, at: NOW, user: "a", name: "Ann", target: 1, text: "new" };
  run.flush(run.message("two\nlines"), run.message("bare", true), {
    event: edit,
    line: "an edit",
    isPlain: false,
  });
  expect(plain.take()).toEqual(["Cem: two lines\nbare"]);
});

test("sends no event to a connection without a hello", () => {
  const run = new Run();
  const opened = run.open();
  run.joinTwo();
  run.flush(run.message("one"));
  expect(opened.take()).toEqual([]);
});

test("rejects commands before hello, and a second hello", () => {
  const run = new Run();
  const peer = run.open();
  run.receive(peer, send("a"), { type: "typing", on: true }, { type: "hello" }, { type: "hello" });
  run.flush();
  expect(peer.takeLines()).toMatchObject([
    { type: "error", id: "a", code: "not_joined" },
    { type: "error", code: "not_joined" },
    { type: "welcome" },
    { type: "error", code: "bad_request" },
    { type: "presence" },
  ]);
  expect(run.submissions).toEqual([]);
});

test("sends presence lines for joins and leaves, after the events", () => {
  const run = new Run();
  const [ann, bob] = run.joinTwo();
  const cem = run.join("Cem");
  run.flush(run.message("one"));
  const [message, presence = ""] = ann.take().join().split("\n");
  expect(message).toBe("line of one");
  expect(JSON.parse(presence)).toEqual({
    type: "presence",
    online: 3,
    join: [{ user: userOf(cem), name: "Cem" }],
  });
  bob.take();
  if (cem.connection !== undefined) run.audience.close(cem.connection, run.now);
  expect(run.audience.dueAt).toBe(run.now + 5_000);
  run.now += 5_000;
  run.flush();
  expect(bob.takeLines()).toEqual([{ type: "presence", online: 2, leave: [userOf(cem)] }]);
});

test("ends a user's typing with a message of the user", () => {
  const run = new Run();
  const [ann, bob] = run.joinTwo();
  run.receive(ann, { type: "typing", on: true });
  run.flush();
  expect(bob.takeLines()).toEqual([{ type: "typing", users: [userOf(ann)] }]);
  run.now += 1_000;
  run.flush(run.message("one", false, userOf(ann)));
  expect(bob.take()).toEqual(['line of one\n{"type":"typing","users":[]}']);
});

test("closes a connection that sends no hello within 10 s", () => {
  const run = new Run();
  const peer = run.open();
  expect(run.audience.dueAt).toBe(NOW + 10_000);
  run.now += 9_999;
  run.flush();
  expect(peer.closedWith).toBeUndefined();
  run.now += 1;
  run.flush();
  expect([peer.closedWith, run.audience.size]).toEqual([CloseCode.NoHello, 0]);
});

test("closes after the third line in a row that is not JSON, and ignores the rest", () => {
  const run = new Run();
  const [ann] = run.joinTwo();
  run.receiveFrame(ann, `x\n{}\ny\nz\n{"\n${JSON.stringify(send("a"))}`);
  run.receive(ann, send("b"));
  expect(run.submissions).toEqual([]);
  run.flush();
  expect(ann.takeLines().map(({ type }) => type)).toEqual(Array(5).fill("error"));
  expect(ann.closedWith).toBe(CloseCode.InvalidPayload);
});

test("keeps the user of a closed connection online for 5 s", () => {
  const run = new Run();
  const [ann] = run.joinTwo();
  run.receiveFrame(ann, new ArrayBuffer(1));
  run.flush();
  expect([ann.closedWith, run.audience.size, run.audience.online]).toEqual([1003, 1, 2]);
  run.now += 5_000;
  run.flush();
  expect(run.audience.online).toBe(1);
});

test("removes a user of plain mode at once, since the user id cannot return", () => {
  const run = new Run();
  run.joinTwo();
  const plain = run.open("plain");
  if (plain.connection !== undefined) run.audience.close(plain.connection, run.now);
  expect(run.audience.online).toBe(2);
});

test("removes a connection whose socket fails, and serves the others", () => {
  const run = new Run();
  const [ann, bob] = run.joinTwo();
  ann.send = () => {
    throw new Error("the socket is gone");
  };
  run.flush(run.message("one"));
  expect(bob.take()).toEqual(["line of one"]);
  expect([run.reports, run.audience.size]).toEqual([["a frame could not be sent"], 1]);
});

test("saves unstored secrets in the session and adopts them after a hibernation", () => {
  const before = new Run();
  const ann = before.join("Ann");
  expect(ann.session?.secrets).toEqual(SECRETS);
  const after = new Run();
  const other = { epoch: "epoch-2", secret: new Uint8Array(32).fill(1) };
  if (ann.session !== undefined) after.audience.restore(ann, { ...ann.session, secrets: other });
  expect(after.log.secrets).toEqual(other);
  // No client noticed the hibernation, so nothing is due.
  expect([after.audience.online, after.audience.dueAt, after.flush()]).toEqual([1, null, 0]);
});

test("saves no secrets once they are stored", () => {
  const run = new Run();
  run.log.unsavedSecrets = null;
  expect(run.join("Ann").session).not.toHaveProperty("secrets");
});

test("rejects history while a client leaves much output unread", () => {
  const run = new Run();
  const [ann] = run.joinTwo();
  const history = { type: "history", id: "h", before: 1, limit: 1 };
  ann.buffered = 64 * 1024;
  run.receive(ann, history);
  ann.buffered += 1;
  run.receive(ann, history);
  run.flush();
  expect(ann.takeLines()).toMatchObject([
    { type: "history", id: "h" },
    { type: "error", id: "h", code: "rate_limited", retryAfter: 1_000 },
  ]);
});
