// Commands of a relay's connections, until the room has answered them.
import { expect, test } from "vitest";
import { Outgoing } from "../../../src/relay/outgoing.ts";
import type { RelayCommand } from "../../../src/room/feed.ts";

/** Returns outgoing commands with a room that answers calls as the test says. */
function outgoing() {
  const calls: { commands: readonly RelayCommand[]; answer: (isTaken: boolean) => void; fail: () => void }[] =
    [];
  const log: string[] = [];
  const parts = new Outgoing({
    submit: (_, commands) =>
      new Promise((answer, reject) => {
        calls.push({ commands, answer, fail: () => reject(new Error("the room is gone")) });
      }),
    onTaken: () => log.push("taken"),
    onEnded: (session) => log.push(`ended ${session}`),
    onFailed: () => log.push("failed"),
  });
  const add = (id: string, text = "hi") =>
    parts.add({
      author: () => ({ user: "u", name: "U" }),
      body: { type: "message", text },
      id,
      isPlain: false,
      since: null,
      onResult: (result) => log.push(`${id} ${result.ok ? result.value.seq : result.error.code}`),
      onLost: () => log.push(`${id} lost`),
    });
  const send = (session = "s") => parts.send(session, 0);
  const idsOf = (call: number) => calls[call]?.commands.map(({ id }) => id);
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { parts, calls, log, add, send, idsOf, settled };
}

test("commands that come while a call is under way share the next one, in their order", async () => {
  const { calls, add, send, idsOf, settled } = outgoing();
  add("a");
  send();
  add("b");
  add("c");
  send();
  expect(calls).toHaveLength(1);
  calls[0]?.answer(true);
  await settled();
  send();
  expect(idsOf(1)).toEqual(["b", "c"]);
});

test("commands that the room did not take are sent again before later ones", async () => {
  const { calls, log, add, send, idsOf, settled } = outgoing();
  add("a");
  send("old");
  add("b");
  calls[0]?.answer(false);
  await settled();
  expect(log).toEqual(["ended old"]);
  send("new");
  expect(idsOf(1)).toEqual(["a", "b"]);
});

test("a call whose answer never comes blocks no commands of the next session", async () => {
  const { parts, calls, log, add, send, idsOf, settled } = outgoing();
  add("a");
  send("old");
  parts.lose(new Set());
  expect(log).toEqual(["a lost"]);
  add("b");
  send("new");
  expect(idsOf(1)).toEqual(["b"]);
  // The late answer of the old call changes nothing for the new one.
  calls[0]?.answer(false);
  await settled();
  add("c");
  send("new");
  expect(calls).toHaveLength(2);
});

test("an event answers the command that made it, sent or not", () => {
  const { parts, log, add, send } = outgoing();
  add("a");
  send();
  add("b");
  const event = (seq: number, id: string) =>
    ({ type: "message", seq, at: 1, user: "u", name: "U", text: "hi", id }) as const;
  parts.answerEvents([event(1, "a"), event(2, "b"), event(3, "other")]);
  expect(log).toEqual(["a 1", "b 2"]);
  expect(parts.isEmpty).toBe(true);
});

test("long texts are divided among calls", async () => {
  const { calls, add, send, idsOf, settled } = outgoing();
  for (let i = 0; i < 200; i += 1) add(`${i}`, "x".repeat(8_000));
  send();
  const first = idsOf(0)?.length ?? 0;
  expect(first).toBe(125);
  calls[0]?.answer(true);
  await settled();
  send();
  expect(idsOf(1)).toHaveLength(75);
});
