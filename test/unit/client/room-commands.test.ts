// The calls of owners and moderators: their commands, their errors, and what a lost connection means for them.
import { describe, expect, test } from "vitest";
import type { ChatClient } from "../../../src/client/index.ts";
import { parseCommand } from "../../../src/protocol/index.ts";
import { ClientRig } from "../../helpers/client-rig.ts";

const member = "aaaaaaaaaa";
const SECRET = "s".repeat(43);
const id = "id-1";
const calls: [object, (client: ChatClient) => Promise<unknown>][] = [
  [
    { type: "settings", id, title: "Team", slowMode: 0 },
    (client) => client.setRoom({ title: "Team", slowMode: 0 }),
  ],
  [{ type: "role", id, member, role: "moderator" }, (client) => client.setRole(member, "moderator")],
  [{ type: "mute", id, member }, (client) => client.mute(member)],
  [{ type: "mute", id, member, duration: 0 }, (client) => client.mute(member, { duration: 0 })],
  [
    { type: "ban", id, member, duration: 9, reason: "spam", network: true },
    (client) => client.ban(member, { duration: 9, reason: "spam", network: true }),
  ],
  [{ type: "ban", id, member }, (client) => client.ban(member, {})],
  [
    { type: "remove", id, member, reason: "a pause" },
    (client) => client.remove(member, { reason: "a pause" }),
  ],
  [{ type: "admit", id, member, on: false }, (client) => client.admit(member, false)],
  [{ type: "pin", id, target: 4, on: true }, (client) => client.pin(4, true)],
  [{ type: "owner", id, secret: SECRET }, (client) => client.replaceOwner(SECRET)],
  [{ type: "wipe", id }, (client) => client.wipe()],
];

test.each(calls)("sends %j and resolves with its ok", async (command, call) => {
  const rig = new ClientRig().join({ seq: 9, role: "owner" });
  const stored = call(rig.client);
  expect(rig.socket.lines.slice(1)).toEqual([command]);
  expect(parseCommand(rig.socket.sent.at(-1) ?? "")).toEqual({ ok: true, value: command });
  rig.socket.receive({ type: "ok", id, seq: 10 });
  expect(await stored).toEqual({ id, seq: 10 });
});

describe("after a lost connection", () => {
  test.each(calls)("%j is sent again under its id", (command, call) => {
    const rig = new ClientRig().join({ seq: 9, role: "owner" });
    call(rig.client);
    rig.socket.drop();
    rig.clock.advance(1_000);
    rig.welcome({ seq: 9, resumed: true, role: "owner" });
    expect(rig.socket.lines.slice(1)).toEqual([command]);
  });

  test("one that the welcome shows is done", async () => {
    const rig = new ClientRig().join({ seq: 9, role: "owner" });
    const pinned = rig.client.pin(4, true);
    rig.socket.drop();
    rig.clock.advance(1_000);
    const pin = { type: "pin", id, seq: 10, at: 5, user: "me", name: "Me", target: 4, on: true } as const;
    rig.welcome({ seq: 10, resumed: true, events: [pin], role: "owner" });
    expect(await pinned).toEqual({ id, seq: 10 });
    expect(rig.socket.lines).toHaveLength(1);
    expect(rig.client.state).toMatchObject({ outbox: [], timeline: { items: [{ type: "pin", seq: 10 }] } });
  });

  test("one of long ago that nothing rules out is not sent again", async () => {
    const rig = new ClientRig().join({ seq: 9, role: "owner" });
    const banned = rig.client.ban(member);
    rig.socket.drop();
    rig.clock.advance(600_000);
    rig.client.reconnectNow();
    rig.welcome({ seq: 2_000, more: true, role: "owner" });
    await expect(banned).rejects.toMatchObject({ code: "internal" });
    expect(rig.socket.lines).toHaveLength(1);
  });
});

describe("a rejected command", () => {
  test("rejects with everything that the room says", async () => {
    const rig = new ClientRig().join();
    const sent = rig.client.send("hello");
    const details = { cause: "muted", until: 9_000, reason: "spam", retryAfter: 4_000 };
    rig.socket.receive({ type: "error", id, code: "forbidden", message: "you are muted", ...details });
    const error = await sent.catch((reason) => reason);
    expect({ ...error }).toEqual({ name: "ChatError", code: "forbidden", id, ...details });
    expect(error.message).toBe("you are muted");
    expect(rig.client.state.outside).toBeNull();
  });

  test("has no fields for what the room does not say", async () => {
    const rig = new ClientRig().join();
    const muted = rig.client.mute(member);
    rig.socket.receive({ type: "error", id, code: "not_found", message: "there is no such member" });
    const error = await muted.catch((reason) => reason);
    for (const field of ["cause", "until", "reason", "retryAfter"]) expect(error).not.toHaveProperty(field);
  });

  test("has the cause `other` if the client does not know the cause", async () => {
    const rig = new ClientRig().join();
    const muted = rig.client.mute(member);
    rig.socket.receive({ type: "error", id, code: "forbidden", message: "no", cause: "full_moon" });
    await expect(muted).rejects.toMatchObject({ cause: "other" });
  });

  test("does not hold up the ones after it, if slow mode rejects it", async () => {
    const rig = new ClientRig().join();
    const sent = rig.client.send("too early");
    rig.client.react(4, "👍", true);
    const slow = { code: "forbidden", cause: "slow_mode", retryAfter: 5_000 };
    rig.socket.receive(
      { type: "error", id, message: "slow mode", ...slow },
      { type: "ok", id: "id-2", seq: 1 },
    );
    await expect(sent).rejects.toMatchObject(slow);
    expect(rig.client.state.outbox).toMatchObject([
      { id, status: "failed" },
      { id: "id-2", status: "sent" },
    ]);
  });
});
