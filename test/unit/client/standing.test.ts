// Rooms with owners: what the client knows of the room and of its user, inside and outside.
import { describe, expect, test, vi } from "vitest";
import type { ChatClientOptions } from "../../../src/client/index.ts";
import { CLOSE_REASON, CloseCode, PING, PONG } from "../../../src/protocol/index.ts";
import { ClientRig } from "../../helpers/client-rig.ts";
import { messageLine, messageLines, welcomeLine } from "../../helpers/server-lines.ts";

const SECRET = "s".repeat(43);
const PROOF = "p".repeat(43);
const bob = { user: "bob", name: "Bob" };
const owned = {
  ...{ title: "Team", entry: "knock" as const, slowMode: 5_000, readOnly: false, locked: false },
  retention: "presence" as const,
  ...{ closed: false, owned: true, staff: [{ user: "ada", name: "Ada", role: "owner" as const }], pinned: 3 },
};
const { title, entry, locked, closed } = owned;
const teaser = {
  title,
  entry,
  locked,
  closed,
  password: { salt: "AAECAwQFBgcICQoLDA0ODw", iterations: 100_000 },
};
const you = { user: "me", name: "Me" };

/** The line `outside`. */
function outside(waits: boolean): object {
  return { type: "outside", room: "demo", you, teaser, waits };
}

/** An error that belongs to no command. */
function refusal(cause: string, details: object = {}): object {
  return { type: "error", code: "forbidden", message: `no: ${cause}`, cause, ...details };
}

/** A client whose `hello` the room has received. */
function knocking(options: Partial<ChatClientOptions> = {}): { rig: ClientRig; connected: Promise<void> } {
  const rig = new ClientRig(options);
  const connected = rig.client.connect();
  rig.socket.open();
  return { rig, connected };
}

describe("in the room", () => {
  test("nobody owns a room whose welcome has no state", () => {
    const { state } = new ClientRig().join().client;
    expect(state).toMatchObject({ role: "member", muted: null, restricted: [], waiting: [], outside: null });
    expect(state.roomState).toMatchObject({ owned: false, entry: "open", staff: [] });
  });

  test("the welcome sets everything, and a state line replaces all of it except who waits", () => {
    const restricted = [{ ...bob, muted: { until: 9 } }];
    const rig = new ClientRig().join({ state: owned, role: "moderator", restricted, waiting: [bob] });
    expect(rig.client.state).toMatchObject({
      roomState: owned,
      role: "moderator",
      restricted,
      waiting: [bob],
    });
    rig.socket.receive({ type: "state", state: { ...owned, title: "Crew" }, role: "moderator" });
    expect(rig.client.state).toMatchObject({ roomState: { title: "Crew" }, restricted: [], waiting: [bob] });
    rig.socket.receive({ type: "knocks", waiting: [] });
    expect(rig.client.state.waiting).toEqual([]);
  });

  test("a user who is no longer a moderator does not know who waits", () => {
    const rig = new ClientRig().join({ state: owned, role: "moderator", waiting: [bob] });
    rig.socket.receive({ type: "state", state: owned, role: "member", muted: { reason: "a pause" } });
    expect(rig.client.state).toMatchObject({ role: "member", muted: { reason: "a pause" }, waiting: [] });
    rig.socket.receive({ type: "state", state: owned, role: "member" });
    expect(rig.client.state.muted).toBeNull();
  });

  test("a part that did not change is the same object", () => {
    const rig = new ClientRig().join({ state: owned, role: "moderator", waiting: [bob] });
    const { roomState, waiting } = rig.client.state;
    rig.socket.receive({ type: "knocks", waiting: [bob] });
    expect(rig.client.state.roomState).toBe(roomState);
    rig.socket.receive({ type: "state", state: owned, role: "moderator" });
    expect(waiting).toEqual(rig.client.state.waiting);
  });

  test.each(["claimed", "owner_secret"])("the error %s is an event, and the user is inside", (cause) => {
    const { rig } = knocking({ owner: SECRET, claim: { title: "Mine" } });
    const errors = vi.fn();
    rig.client.on("error", errors);
    rig.socket.receive(refusal(cause), welcomeLine({ state: owned }));
    expect(errors).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ cause }));
    expect(rig.client.state).toMatchObject({ connection: "online", role: "member", outside: null });
  });
});

describe("the hello", () => {
  test("has the owner's secret, the claim and the password", () => {
    const { rig } = knocking({ owner: SECRET, claim: { title: "Mine" }, password: PROOF });
    expect(rig.socket.lines).toMatchObject([
      { type: "hello", owner: SECRET, claim: { title: "Mine" }, password: PROOF },
    ]);
  });

  test("has none of them without the options", () => {
    const { rig } = knocking();
    for (const field of ["owner", "claim", "password"]) expect(rig.socket.lines[0]).not.toHaveProperty(field);
  });

  test.each<[string, Partial<ChatClientOptions>]>([
    ["owner", { owner: "short" }],
    ["password", { password: "open sesame" }],
    ["claim", { claim: {} }],
  ])("cannot have an invalid option %s", (name, options) => {
    expect(() => new ClientRig(options)).toThrow(name);
  });
});

describe("a user who must wait", () => {
  test("enters once a moderator decides; the first connect resolves then", async () => {
    const { rig, connected } = knocking();
    const entered = vi.fn();
    void connected.then(entered);
    rig.client.send("hello");
    rig.socket.receive(outside(true));
    expect(rig.client.state).toMatchObject({
      connection: "connecting",
      outside: { you, teaser, waits: true, error: null },
    });
    for (let minutes = 0; minutes < 60; minutes += 1) {
      rig.clock.advance(25_000);
      rig.socket.receive(PONG);
    }
    expect(rig.sockets).toBe(1);
    expect(new Set(rig.socket.sent.slice(1))).toEqual(new Set([PING]));
    expect(entered).not.toHaveBeenCalled();
    rig.socket.receive(welcomeLine({ state: owned }));
    await connected;
    expect(rig.client.state).toMatchObject({ connection: "online", outside: null });
    expect(rig.socket.lines.at(-1)).toMatchObject({ type: "send", text: "hello" });
  });

  test("knocks again after the connection is lost, and never runs out of attempts", () => {
    const { rig } = knocking({ maxAttempts: 2 });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      rig.socket.receive(outside(true));
      rig.socket.drop();
      expect(rig.client.state.connection).toBe("waiting");
      rig.client.reconnectNow();
      rig.socket.open();
    }
    rig.socket.receive(welcomeLine());
    expect(rig.client.state.connection).toBe("online");
  });

  test("a dead link is given up", () => {
    const { rig } = knocking();
    rig.socket.receive(outside(true));
    rig.clock.advance(35_000);
    expect(rig.client.state.connection).toBe("waiting");
  });

  test("no longer waits after close", async () => {
    const { rig, connected } = knocking();
    rig.socket.receive(outside(true));
    rig.client.close();
    await expect(connected).rejects.toMatchObject({ code: "closed" });
    expect(rig.client.state).toMatchObject({ connection: "closed", outside: null });
  });

  test("is refused with 4509", async () => {
    const { rig, connected } = knocking();
    rig.socket.receive(outside(true));
    rig.socket.receive(refusal("not_admitted"));
    rig.socket.drop(CloseCode.NotAdmitted);
    await expect(connected).rejects.toMatchObject({ code: "closed", cause: "not_admitted" });
    expect(rig.client.state).toMatchObject({
      connection: "closed",
      outside: { waits: false, error: { cause: "not_admitted" } },
    });
  });
});

/** Close codes of rooms with owners, and the error before each. */
const finals: [CloseCode, object][] = [
  [CloseCode.Banned, refusal("banned", { until: 9_000, reason: "spam" })],
  [CloseCode.Closed, refusal("closed")],
  [CloseCode.Locked, refusal("locked")],
  [CloseCode.WrongPassword, refusal("password")],
  [CloseCode.WrongPassword, { ...refusal("password"), code: "rate_limited", retryAfter: 12_000 }],
  [CloseCode.TooManyWaiting, { type: "error", code: "rate_limited", message: "too many people wait" }],
  [CloseCode.Closed, refusal("a cause of a later version")],
];

describe("a user whom the room does not let in", () => {
  test.each(finals)("is outside for good: %i %j", async (code, error) => {
    const { rig, connected } = knocking();
    rig.client.send("hello");
    rig.socket.receive(outside(false), error);
    rig.socket.drop(code, CLOSE_REASON[code]);
    const {
      type: _,
      cause,
      message,
      ...details
    } = { cause: undefined, message: "", ...error } as {
      type?: string;
      cause: string | undefined;
      message: string;
    };
    const known = cause === "a cause of a later version" ? "other" : cause;
    expect(rig.client.state).toMatchObject({ connection: "closed", closeCode: code });
    expect(rig.client.state.outside).toMatchObject({
      you,
      teaser,
      waits: false,
      error: { message, ...details },
    });
    expect(rig.client.state.outside?.error?.cause).toBe(known);
    expect(rig.clock.nextAt).toBeNull();
    const { code: _1, ...shown } = details as { code?: string };
    await expect(connected).rejects.toMatchObject({ code: "closed", message, ...shown });
    await connected.catch((reason) => expect(reason.cause).toBe(known));
    expect(rig.client.state.outbox).toMatchObject([{ kind: "send", status: "queued" }]);
  });

  test("enters after usePassword and connect, and then sends what is in the outbox", async () => {
    const { rig, connected } = knocking({ password: "w".repeat(43) });
    rig.client.send("hello");
    rig.socket.receive(outside(false), refusal("password"));
    rig.socket.drop(CloseCode.WrongPassword);
    await expect(connected).rejects.toMatchObject({ cause: "password" });
    rig.client.usePassword(PROOF);
    const again = rig.client.connect();
    rig.socket.open();
    expect(rig.socket.lines).toMatchObject([{ type: "hello", password: PROOF }]);
    expect(rig.client.state.outside?.error?.cause).toBe("password");
    rig.socket.receive(welcomeLine({ state: owned }));
    await again;
    expect(rig.client.state).toMatchObject({ connection: "online", outside: null });
    expect(rig.socket.lines.at(-1)).toMatchObject({ type: "send", text: "hello" });
  });

  test("is not named as the reason when the program closes the next attempt", async () => {
    const { rig, connected } = knocking();
    rig.socket.receive(outside(false), refusal("password"));
    rig.socket.drop(CloseCode.WrongPassword);
    await expect(connected).rejects.toMatchObject({ cause: "password" });
    const again = rig.client.connect();
    rig.client.close();
    const error = await again.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "closed" });
    expect(error).not.toHaveProperty("cause");
  });

  test("a proof is checked before it is used", () => {
    expect(() => new ClientRig().client.usePassword("open sesame")).toThrow("43 characters");
  });
});

describe("a user whose stay ends", () => {
  test.each<[CloseCode, string]>([
    [CloseCode.Removed, "removed"],
    [CloseCode.Banned, "banned"],
    [CloseCode.Closed, "closed"],
  ])("is outside for good, with what it knew of the room: %i", (code, cause) => {
    const rig = new ClientRig().join({ state: owned, seq: 1, events: [messageLine(1)] });
    rig.socket.receive(refusal(cause, { reason: "a test" }));
    rig.socket.drop(code);
    expect(rig.client.state).toMatchObject({
      connection: "closed",
      closeCode: code,
      outside: {
        you,
        teaser: { title: "Team", entry: "knock" },
        waits: false,
        error: { cause, reason: "a test" },
      },
      timeline: { head: 1 },
    });
    expect(rig.clock.nextAt).toBeNull();
  });

  test("may come back, and resumes", () => {
    const rig = new ClientRig().join({ state: owned, seq: 1, events: [messageLine(1)] });
    rig.socket.receive(refusal("removed"));
    rig.socket.drop(CloseCode.Removed);
    rig.client.connect();
    rig.welcome({ state: owned, resumed: true, seq: 2, events: [messageLine(2)] });
    expect(rig.client.state).toMatchObject({ outside: null, timeline: { head: 2 } });
  });

  test("an error without a cause is an event, and leaves the user inside", () => {
    const rig = new ClientRig().join({ state: owned });
    rig.socket.receive({ type: "error", code: "bad_request", message: "not a command" });
    expect(rig.client.state).toMatchObject({ connection: "online", outside: null });
  });
});

describe("a wipe", () => {
  const wipe = { type: "wipe", seq: 1, at: 5, user: "ada", name: "Ada" } as const;
  const emptied = { epoch: "epoch-2", seq: 1, events: [wipe], state: owned };

  test("reconnects, empties the timeline and emits a gap", () => {
    const rig = new ClientRig().join({ seq: 9, events: messageLines(1, 9) });
    const gaps = vi.fn();
    rig.client.on("gap", gaps);
    rig.socket.drop(CloseCode.NewEpoch, CLOSE_REASON[CloseCode.NewEpoch]);
    expect(rig.client.state.connection).toBe("waiting");
    rig.clock.advance(1_000);
    rig.welcome(emptied);
    expect(gaps).toHaveBeenCalledExactlyOnceWith({ type: "gap", epoch: "epoch-2", after: 0, before: 2 });
    expect(rig.client.state.timeline.items).toEqual([wipe]);
    expect(rig.client.position).toEqual({ epoch: "epoch-2", seq: 1 });
  });

  test("of this client resolves with its ok", async () => {
    const rig = new ClientRig().join({ seq: 9, events: messageLines(1, 9), role: "owner" });
    const wiped = rig.client.wipe();
    rig.socket.receive({ type: "ok", id: "id-1", seq: 1 });
    rig.socket.drop(CloseCode.NewEpoch);
    expect(await wiped).toEqual({ id: "id-1", seq: 1 });
    rig.clock.advance(1_000);
    rig.welcome(emptied);
    expect(rig.client.state.outbox).toEqual([]);
  });

  test("of this client is found in the welcome if its ok was lost", async () => {
    const rig = new ClientRig().join({ seq: 9, events: messageLines(1, 9), role: "owner" });
    const wiped = rig.client.wipe();
    rig.socket.drop();
    rig.clock.advance(1_000);
    rig.welcome({ ...emptied, events: [{ ...wipe, user: "me", id: "id-1" }] });
    expect(await wiped).toEqual({ id: "id-1", seq: 1 });
    expect(rig.client.state.outbox).toEqual([]);
  });

  test("loses the other commands that were not sent, except messages", async () => {
    const rig = new ClientRig().join({ seq: 9, events: messageLines(1, 9), role: "owner" });
    rig.socket.drop(CloseCode.NewEpoch);
    const muted = rig.client.mute("aaaaaaaaaa");
    const sent = rig.client.send("still here", { reply: 9 });
    rig.clock.advance(1_000);
    rig.welcome(emptied);
    await expect(muted).rejects.toMatchObject({ code: "not_found" });
    expect(rig.socket.lines.slice(1)).toEqual([{ type: "send", id: "id-2", text: "still here" }]);
    rig.socket.receive({ type: "ok", id: "id-2", seq: 2 });
    expect(await sent).toEqual({ id: "id-2", seq: 2 });
  });
});
