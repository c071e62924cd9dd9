// The server is killed while an owner moderates: no acknowledged action may be lost, for the room or for a reader.
import assert from "node:assert/strict";
import { test } from "vitest";
import { isTimelineEvent, type RoomEvent } from "../../src/protocol/events.ts";
import type { ServerLine } from "../../src/protocol/server-lines.ts";
import { comparableState, type ModelBody, ModelRules } from "../helpers/model-rules.ts";
import { poll, within } from "../helpers/wait.ts";
import { Journal, loggedText } from "./journal.ts";
import { LibraryParticipant } from "./library-participant.ts";
import { between, seeded } from "./random.ts";
import { RawParticipant } from "./raw-participant.ts";
import { addressesOf, RestartableService } from "./restartable-service.ts";
import { sized } from "./size.ts";
import { connectAll, expectNothingLost, participants, sendTraffic } from "./traffic.ts";

const MESSAGES = sized(40_000, 3_000);
const KILLS = sized(30, 4);
const RATE = 1_000;
/** Interval of the owner's actions, and actions without an answer at which the owner pauses. */
const ACTION_MS = 20;
const WINDOW = 4;
const SECRET = "o".repeat(43);

test(
  "a server killed at random loses no action of a moderator, and no setting, role or mute",
  async () => {
    await using service = await RestartableService.start();
    const journal = new Journal();
    const context = { ...addressesOf(service.url, "moderated"), journal };
    const random = seeded("moderation");
    const state = new StateCheck(journal);
    const owner = new RawParticipant("owner", context, seeded("owner"), {
      hello: { owner: SECRET, claim: {} },
      onLine: (line) => state.receive(line),
    });
    const create = {
      library: (name: string) => new LibraryParticipant(name, context, { random: () => random() * 0.05 }),
      raw: (name: string) => new RawParticipant(name, context, seeded(name)),
    };
    await connectAll([owner]);
    // The claim has no answer but the welcome after it.
    journal.recordSend("owner", "claim", loggedText({ type: "claim" }));
    journal.recordAck({ sender: "owner", id: "claim", seq: 1 });
    const senders = participants("sender", { library: 2, raw: 6 }, create);
    const readers = participants("reader", { library: 2, raw: 4 }, create);
    const all = [owner, ...senders, ...readers];
    await connectAll([...senders, ...readers]);
    // From here on, every participant returns because the room remembers who was inside.
    owner.command({ type: "settings", locked: true });
    await within("the lock", journal.nextAck());
    journal.reconnects = 0;

    const members = readers.map(({ name }) => journal.users.get(name) ?? "");
    let actions = 0;
    const moderating = setInterval(() => {
      if (owner.pending >= WINDOW) return;
      actions += 1;
      owner.command(actionOf(actions, members[between(random, 0, members.length - 1)] ?? ""));
    }, ACTION_MS);
    const startedAt = Date.now();
    const traffic = sendTraffic(senders, all, { messages: MESSAGES, rate: RATE });
    while (service.kills < KILLS) {
      await within("an acknowledgement", journal.nextAck());
      await new Promise((resolve) => setTimeout(resolve, between(random, 150, 550)));
      await service.kill();
      await service.restart();
    }
    await traffic;
    clearInterval(moderating);
    // The log is read over HTTP, by a caller from outside.
    owner.command({ type: "settings", locked: false });
    const expected = MESSAGES + actions + 3;
    await poll("every participant to have every event", async () =>
      all.every(({ pending, last }) => pending === 0 && last === expected),
    );
    owner.drop(0);
    await poll("a welcome with the last state", async () => state.checkedAt === expected);
    const figures = { kills: service.kills, "moderation events": actions, "states compared": state.checks };
    await expectNothingLost("SIGKILL under moderation", context, all, { expected, startedAt, figures });
  },
  sized(1_800_000, 180_000),
);

/** Returns an action that is unlike every other: the number is part of it. */
function actionOf(n: number, member: string): Parameters<RawParticipant["command"]>[0] {
  switch (n % 5) {
    case 0:
      return { type: "settings", topic: `topic ${n}` };
    case 1:
      return { type: "settings", title: `title ${n}`, readOnly: false };
    case 2:
      return { type: "mute", member, duration: 3_600_000 + n, reason: `reason ${n}` };
    case 3:
      return { type: "mute", member, duration: 0, reason: `lifted ${n}` };
    default:
      return { type: "ban", member: strangerOf(n), duration: 3_600_000 + n, reason: `ban ${n}` };
  }
}

/** Returns the user id of a person who was never in the room. */
function strangerOf(n: number): string {
  return n.toString(2).padStart(10, "0").slice(-10).replaceAll("0", "a").replaceAll("1", "b");
}

/** StateCheck compares each welcome of the owner with what the events up to it say. */
class StateCheck {
  checks = 0;
  /** Seq of the last welcome that was compared. */
  checkedAt = 0;
  readonly #journal: Journal;
  readonly #rules = new ModelRules();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  receive(line: ServerLine): void {
    if (line.type === "welcome") this.#welcome(line);
    else if ("seq" in line && "at" in line) this.#apply(line);
  }

  #welcome(line: Extract<ServerLine, { type: "welcome" }>): void {
    if (!line.resumed && this.checks > 0) this.#journal.failures.push("the owner's resume was refused");
    // The first welcome has no events, and the first event is the claim.
    if (this.checks === 0)
      this.#apply({ type: "claim", seq: 1, at: line.now, user: line.you.user, name: line.you.name });
    for (const event of line.events) if (event.type !== "opaque") this.#apply(event);
    this.checks += 1;
    this.checkedAt = line.seq;
    try {
      assert.deepEqual(comparableState(line, line.now), this.#rules.told(line.you.user, line.now));
    } catch (error) {
      this.#journal.failures.push(`the state at ${line.seq}: ${String(error)}`);
    }
  }

  #apply(event: RoomEvent): void {
    if (!isTimelineEvent(event) || event.type === "message") return;
    const { seq: _1, at: _2, user: _3, name: _4, id: _5, ...fields } = event;
    const body =
      event.type === "claim" ? { type: "claim", secret: SECRET, create: {} } : (fields as ModelBody);
    const circumstances = { present: [], networks: [], memberName: undefined, since: 0 };
    this.#rules.apply(event, body as ModelBody, circumstances);
  }
}
