// Coming and going while others talk: duplicates over two sockets, a long silence, joins at a rate, wrong clocks.
import { afterAll, beforeAll, expect, test } from "vitest";
import { MAX_RESUME_EVENTS } from "../../src/protocol/limits.ts";
import { parseServerLine } from "../../src/protocol/server-lines.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { within } from "../helpers/wait.ts";
import { check, describe } from "./checker.ts";
import { converse, joined, wholeLog } from "./conversation.ts";
import { Journal } from "./journal.ts";
import { LibraryMember, wrongClock } from "./library-member.ts";
import { keyOf } from "./member.ts";
import { addressesOf, MortalService } from "./mortal-service.ts";
import { between, seeded } from "./random.ts";
import { RawMember } from "./raw-member.ts";
import { report, sized } from "./size.ts";

const DAY_MS = 86_400_000;
/** The runtime evicts a quiet room after 10 s. */
const SILENCE_MS = 12_000;
const JOIN_EVERY_MS = 10;
/** Sockets that come and go at one time, at the most: a machine that is too slow for more joins them later. */
const MOST_PASSING = 30;
/** A machine that others use too may take many times as long as it should. */
const LONG_MS = sized(900_000, 180_000);

let service: MortalService;

beforeAll(async () => {
  service = await MortalService.start();
});

afterAll(() => service[Symbol.asyncDispose]());

test(
  "a message that is sent one to ten times, over two sockets, is one message under one seq",
  async () => {
    const { socket, messages } = addressesOf(service.url, "duplicates");
    const random = seeded("duplicates");
    const key = keyOf("sender");
    const sockets = [await openChat(socket, { hello: { key } }), await openChat(socket, { hello: { key } })];
    const count = sized(2_000, 300);
    const sent = [0, 0];
    for (let n = 1; n <= count; n += 1) {
      for (let times = between(random, 1, 10); times > 0; times -= 1) {
        const which = between(random, 0, 1);
        sent[which] = (sent[which] ?? 0) + 1;
        sockets[which]?.command({ type: "send", id: `id-${n}`, text: `message ${n}` });
      }
      // A pause now and then, so that duplicates fall into one flush as well as into several.
      if (n % 20 === 0) await new Promise((pause) => setTimeout(pause, between(random, 0, 15)));
    }
    const seqs = new Map<string, Set<number>>();
    for (const [which, chat] of sockets.entries()) {
      for (let n = 0; n < (sent[which] ?? 0); n += 1) {
        const { id, seq = 0 } = await chat.next("ok");
        seqs.set(id, (seqs.get(id) ?? new Set()).add(seq));
      }
      await chat.close();
    }
    const log = await wholeLog(messages);
    report("Duplicates over two sockets", {
      sends: (sent[0] ?? 0) + (sent[1] ?? 0),
      "messages in the log": log.length,
    });
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    for (const { seq, text } of log) {
      expect([...(seqs.get(text.replace("message ", "id-")) ?? [])], `the oks of ${text}`).toEqual([seq]);
    }
  },
  LONG_MS,
);

test.concurrent(
  "after a silence in which the room was evicted, who stayed, who resumes and who repeats lose nothing",
  async () => {
    const { socket } = addressesOf(service.url, "silence");
    const key = keyOf("sender");
    const [ann, bob] = [await openChat(socket, { hello: { key } }), await openChat(socket)];
    ann.command({ type: "send", id: "a", text: "before" });
    const { seq } = await bob.next("message");
    const { epoch } = bob.welcome;
    await bob.close();
    await new Promise((quiet) => setTimeout(quiet, SILENCE_MS));
    ann.command({ type: "send", id: "a", text: "before" }, { type: "send", id: "b", text: "after" });
    expect(await ann.next("ok")).toMatchObject({ id: "a", seq });
    expect(await ann.next("ok")).toEqual({ type: "ok", id: "a", seq });
    expect(await ann.next("ok")).toEqual({ type: "ok", id: "b", seq: seq + 1 });
    const back = await openChat(socket, { hello: { resume: { epoch, seq } } });
    expect(back.welcome).toMatchObject({ resumed: true, events: [{ seq: seq + 1, text: "after" }] });
    for (const chat of [ann, back]) await chat.close();
  },
  LONG_MS,
);

test(
  "who joins while three hundred messages a second pass sees no gap and no overlap",
  async () => {
    const journal = new Journal();
    const place = { ...addressesOf(service.url, "joins"), journal };
    const senders = Array.from(
      { length: 3 },
      (_, n) => new RawMember(`sender-${n}`, place, seeded(`join ${n}`)),
    );
    await joined(senders);
    const seconds = sized(30, 3);
    const talking = converse(senders, senders, { messages: seconds * 300, rate: 300 });
    const random = seeded("joins");
    const passing = new Set<Promise<void>>();
    const failures: unknown[] = [];
    let joins = 0;
    const began = Date.now();
    while (Date.now() - began < seconds * 1000) {
      if (passing.size < MOST_PASSING) {
        joins += 1;
        const passed = passBy(place.socket, between(random, 0, 300)).catch((error: unknown) =>
          failures.push(error),
        );
        const gone = passed.then(() => void passing.delete(gone));
        passing.add(gone);
      }
      await new Promise((next) => setTimeout(next, JOIN_EVERY_MS));
    }
    await Promise.all(passing);
    await talking;
    for (const sender of senders) sender.close();
    expect(failures).toEqual([]);
    const log = await wholeLog(place.messages);
    const findings = check(journal, log);
    report("Joins while people talk", { joins: 2 * joins, "messages in the log": log.length, seconds });
    expect(describe(findings)).toBe("");
  },
  LONG_MS,
);

test.concurrent(
  "clients whose clocks are a day off talk as others do",
  async () => {
    const journal = new Journal();
    const place = { ...addressesOf(service.url, "clocks"), journal };
    const members = [-DAY_MS, 0, DAY_MS].map(
      (offMs) => new LibraryMember(`clock-${offMs}`, place, { clock: wrongClock(offMs), random: () => 0.01 }),
    );
    await joined(members);
    const messages = sized(3_000, 300);
    await converse(members, members, { messages, rate: 300 });
    const log = await wholeLog(place.messages);
    for (const member of members) member.close();
    report("Clocks a day off", { "messages in the log": log.length });
    expect(describe(check(journal, log))).toBe("");
    expect(log.length).toBe(messages);
  },
  LONG_MS,
);

/** Joins, stays for a while, comes back once with a resume, and sees every seq once. */
async function passBy(socket: URL, stayMs: number): Promise<void> {
  const first = await openChat(socket, { hello: { history: 20 } });
  await new Promise((stay) => setTimeout(stay, stayMs));
  await first.close();
  const seen = listOf(first.heard);
  const { epoch, seq } = first.welcome;
  const back = await openChat(socket, { hello: { resume: { epoch, seq: seen.at(-1) ?? seq } } });
  if (!back.welcome.resumed) {
    // It came back too late: that much may be refused, and is said.
    expect(back.welcome.seq - (seen.at(-1) ?? seq)).toBeGreaterThan(MAX_RESUME_EVENTS);
    await back.close();
    return;
  }
  // Something follows the welcome, unless nobody talks any more.
  await within(
    "the next event",
    Promise.race([back.next("message"), new Promise((end) => setTimeout(end, 1_000))]),
  );
  await back.close();
  const all = [...seen, ...listOf(back.heard)];
  const start = all[0] ?? 0;
  expect(all).toEqual(Array.from({ length: all.length }, (_, n) => start + n));
  // An empty room has no event of its welcome's seq.
  if (seq > 0) expect(all).toContain(seq);
}

/** Seqs of all events that a socket was given, the welcome's first, in the order in which they came. */
function listOf(heard: readonly string[]): number[] {
  return heard.flatMap((text) => {
    const line = parseServerLine(text);
    if (line?.type === "welcome") return line.events.map(({ seq }) => seq);
    return line?.type === "message" ? [line.seq] : [];
  });
}
