// This client with a server of a later version: unknown events, fields, lines and codes.
import { expect, test, vi } from "vitest";
import { ClientRig } from "../../helpers/client-rig.ts";
import { messageLine, messageLines, welcomeLine } from "../../helpers/server-lines.ts";

/** An event of a kind that this version does not know. */
function futureLine(seq: number): object {
  return { type: "poll", seq, at: 1_000 + seq, user: "ada", name: "Ada", options: ["yes", "no"] };
}

/** Connects and receives a `welcome` with any events. */
function join(rig: ClientRig, change: object): void {
  rig.client.connect();
  rig.socket.open();
  rig.socket.receive({ ...welcomeLine(), ...change });
}

function reconnect(rig: ClientRig): void {
  rig.socket.drop();
  rig.client.reconnectNow();
  rig.socket.open();
}

function emittedSeqs(rig: ClientRig): number[] {
  const seqs: number[] = [];
  rig.client.on("event", ({ seq }) => seqs.push(seq));
  return seqs;
}

function items({ client }: ClientRig): (number | string)[] {
  return client.state.timeline.items.map((item) =>
    item.type === "gap" ? `${item.after}..${item.before}` : item.seq,
  );
}

test("joins with unknown events in the welcome, and resumes after them", () => {
  const rig = new ClientRig();
  const seqs = emittedSeqs(rig);
  join(rig, { seq: 3, events: [messageLine(1), futureLine(2), futureLine(3)] });
  expect(rig.client.state).toMatchObject({ connection: "online", timeline: { head: 3 } });
  expect(items(rig)).toEqual([1]);
  reconnect(rig);
  expect(rig.socket.lines).toMatchObject([{ type: "hello", resume: { seq: 3 } }]);
  rig.socket.receive({ ...welcomeLine(), resumed: true, seq: 5, events: [futureLine(4), messageLine(5)] });
  expect(rig.client.state).toMatchObject({ connection: "online", timeline: { head: 5 } });
  expect(items(rig)).toEqual([1, 5]);
  expect(seqs).toEqual([5]);
});

test("continues after an unknown live event", () => {
  const rig = new ClientRig().join();
  const seqs = emittedSeqs(rig);
  rig.socket.receive(messageLine(1), futureLine(2), messageLine(3));
  rig.socket.receive(futureLine(4));
  rig.socket.receive(messageLine(5));
  expect(rig.client.state).toMatchObject({ connection: "online", timeline: { head: 5 } });
  expect(seqs).toEqual([1, 3, 5]);
});

test("notices a missing event behind an unknown one", () => {
  const rig = new ClientRig().join();
  rig.socket.receive(futureLine(1), messageLine(3));
  expect(rig.client.state).toMatchObject({ connection: "waiting", timeline: { head: 1 } });
});

test("advances past an event of a known kind whose fields have changed", () => {
  const rig = new ClientRig().join();
  rig.socket.receive({ ...messageLine(1), text: { html: "<b>hello</b>" } }, messageLine(2));
  expect(rig.client.state).toMatchObject({ connection: "online", timeline: { head: 2 } });
  expect(items(rig)).toEqual([2]);
});

test("a failed resume leaves a gap that pages with unknown events fill", async () => {
  const rig = new ClientRig().join({ seq: 2, events: messageLines(1, 2) });
  reconnect(rig);
  rig.socket.receive({ ...welcomeLine(), seq: 9, events: [futureLine(8), messageLine(9)], more: true });
  rig.socket.receive({ type: "history", id: "id-1", events: messageLines(1, 2), more: false }); // the refresh
  const [gap] = rig.client.state.timeline.items.filter((item) => item.type === "gap");
  if (gap === undefined) throw new Error("expected a gap");
  const filled = rig.client.fillGap(gap);
  rig.socket.receive({ type: "history", id: "id-2", events: [futureLine(4), futureLine(7)], more: true });
  expect(rig.socket.lines.at(-1)).toMatchObject({ type: "history", id: "id-3", before: 4 });
  rig.socket.receive({ type: "history", id: "id-3", events: messageLines(2, 3), more: true });
  await filled;
  expect(items(rig)).toEqual([1, 2, 3, 9]);
});

test("pages over history that has only unknown events", async () => {
  const rig = new ClientRig();
  join(rig, { seq: 9, events: [messageLine(9)], more: true });
  const loaded = rig.client.loadEarlier();
  rig.socket.receive({ type: "history", id: "id-1", events: [futureLine(5), futureLine(8)], more: true });
  expect(rig.socket.lines.at(-1)).toMatchObject({ type: "history", id: "id-2", before: 5 });
  rig.socket.receive({ type: "history", id: "id-2", events: [messageLine(4)], more: true });
  await loaded;
  expect(items(rig)).toEqual([4, 9]);
  const rest = rig.client.loadEarlier();
  rig.socket.receive({ type: "history", id: "id-3", events: [futureLine(1)], more: false });
  await rest;
  expect(rig.client.state.timeline.more).toBe(false);
});

test("ends a page request if the server repeats a page of unknown events", async () => {
  const rig = new ClientRig();
  join(rig, { seq: 9, events: [messageLine(9)], more: true });
  const loaded = rig.client.loadEarlier();
  rig.socket.receive({ type: "history", id: "id-1", events: [futureLine(9)], more: true });
  await loaded;
  expect(items(rig)).toEqual([9]);
});

test("ignores unknown fields everywhere", () => {
  const rig = new ClientRig();
  const more = { priority: 1, badge: { icon: "star" } };
  const member = { user: "ada", name: "Ada", ...more };
  join(rig, {
    ...more,
    you: { user: "me", name: "Me", ...more },
    members: [member],
    limits: { text: 9, name: 9, frame: 999, polls: 9 },
    seq: 1,
    events: [{ ...messageLine(1), ...more }],
  });
  void rig.client.send("hello");
  rig.socket.receive(
    { type: "ok", id: "id-1", seq: 2, ...more },
    { ...messageLine(2), ...more },
    { type: "typing", users: ["ada"], ...more },
    { type: "presence", online: 2, join: [member], ...more },
  );
  expect(rig.client.state).toMatchObject({ outbox: [], typing: ["ada"], online: 2, limits: { text: 9 } });
  expect(rig.client.state.timeline.items[0]).toEqual({ ...messageLine(1), reactions: {} });
  expect(rig.client.state.members).toEqual([{ user: "ada", name: "Ada" }]);
});

test("reads a null field as an absent one", () => {
  const rig = new ClientRig();
  join(rig, { seq: 1, events: [{ ...messageLine(1), reply: null, edited: null }], members: null });
  rig.socket.receive({ ...messageLine(2), reply: null });
  expect(items(rig)).toEqual([1, 2]);
  expect(rig.client.state.members).toBeNull();
});

test("ignores unknown lines without a seq", () => {
  const rig = new ClientRig().join();
  const before = rig.client.state;
  rig.socket.receive({ type: "reading", users: ["ada"] }, ["not an object"], "7", "not json");
  expect(rig.client.state).toBe(before);
});

test("an unknown error code is `internal`", async () => {
  const rig = new ClientRig().join();
  const sent = rig.client.send("hello");
  rig.socket.receive({ type: "error", id: "id-1", code: "quota_exceeded", message: "the quota is used up" });
  await expect(sent).rejects.toMatchObject({ code: "internal", message: "the quota is used up" });
});

test.each([
  [4321, "waiting"],
  [4567, "closed"],
])("an unknown close code %i leaves the client %s", (code, connection) => {
  const rig = new ClientRig().join();
  const closed = vi.fn();
  rig.client.on("close", closed);
  rig.socket.drop(code, "a new reason");
  expect(rig.client.state).toMatchObject({ connection, closeCode: code });
  expect(closed).toHaveBeenCalledExactlyOnceWith({
    code,
    reason: "a new reason",
    willReconnect: connection === "waiting",
  });
});
