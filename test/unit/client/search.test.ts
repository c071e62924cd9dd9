// Searches of the client library.
import { expect, test } from "vitest";
import { ClientRig } from "../../helpers/client-rig.ts";
import { messageLine } from "../../helpers/server-lines.ts";

/** Returns the searches that the newest socket was sent. */
function searchesOf(rig: ClientRig): unknown[] {
  return rig.socket.lines.filter((line) => (line as { type?: string }).type === "search");
}

test("sends a search and resolves with the messages found", async () => {
  const rig = new ClientRig().join();
  const found = rig.client.search("tea", { limit: 5, before: 90 });
  expect(searchesOf(rig)).toEqual([{ type: "search", id: "id-1", q: "tea", before: 90, limit: 5 }]);
  rig.socket.receive({
    type: "found",
    id: "id-1",
    events: [messageLine(7, { text: "green tea" })],
    before: 7,
  });
  expect(await found).toMatchObject({ messages: [{ seq: 7, text: "green tea", reactions: {} }], before: 7 });
  const last = rig.client.search("tea");
  rig.socket.receive({ type: "found", id: "id-2", events: [] });
  expect(await last).toEqual({ messages: [], before: null });
});

test("sends it again after a lost connection and after a rate limit", async () => {
  const rig = new ClientRig().join();
  const found = rig.client.search("tea");
  rig.socket.drop();
  rig.clock.advance(20_000);
  rig.welcome();
  expect(searchesOf(rig)).toMatchObject([{ q: "tea" }]);
  rig.socket.receive({ type: "error", id: "id-2", code: "rate_limited", message: "", retryAfter: 2_000 });
  expect(searchesOf(rig)).toHaveLength(1);
  rig.clock.advance(2_000);
  expect(searchesOf(rig)).toMatchObject([{ id: "id-2" }, { id: "id-3", q: "tea" }]);
  rig.socket.receive({ type: "found", id: "id-3", events: [] });
  expect(await found).toEqual({ messages: [], before: null });
});

test("rejects with the room's error, with an aborted signal and when the client closes", async () => {
  const rig = new ClientRig().join();
  const invalid = rig.client.search("before:never");
  rig.socket.receive({ type: "error", id: "id-1", code: "bad_request", message: "not a date" });
  await expect(invalid).rejects.toMatchObject({ code: "bad_request" });
  const aborting = new AbortController();
  const aborted = rig.client.search("tea", { signal: aborting.signal });
  aborting.abort(new Error("typed on"));
  await expect(aborted).rejects.toThrow("typed on");
  rig.socket.receive({ type: "found", id: "id-2", events: [] });
  const open = rig.client.search("tea");
  rig.client.close();
  await expect(open).rejects.toMatchObject({ code: "closed" });
});
