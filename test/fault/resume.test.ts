// Joins and resumes under traffic: duplicates over two sockets, hibernation, frequent joins, wrong clocks.
import { afterAll, beforeAll, expect, test } from "vitest";
import { MAX_RESUME_EVENTS } from "../../src/protocol/limits.ts";
import { parseServerLine } from "../../src/protocol/server-lines.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { within } from "../helpers/wait.ts";
import { check, describe } from "./checker.ts";
import { Journal } from "./journal.ts";
import { LibraryParticipant, skewedClock } from "./library-participant.ts";
import { wholeLog } from "./log-reader.ts";
import { keyOf } from "./participant.ts";
import { between, seeded } from "./random.ts";
import { RawParticipant } from "./raw-participant.ts";
import { addressesOf, RestartableService } from "./restartable-service.ts";
import { report, sized } from "./size.ts";
import { connectAll, sendTraffic } from "./traffic.ts";

const DAY_MS = 86_400_000;
/** The runtime evicts a quiet room after 10 s. No event tells a client of it. */
const EVICTED_AFTER_MS = 12_000;
const JOIN_EVERY_MS = 10;
/** Maximum number of visitors at a time, so that a slow machine delays joins instead of failing. */
const MAX_VISITORS = 30;
/** A busy machine may take many times as long as an idle one. */
const TIMEOUT_MS = sized(900_000, 180_000);

let service: RestartableService;

beforeAll(async () => {
  service = await RestartableService.start();
});

afterAll(() => service[Symbol.asyncDispose]());

test(
  "a message sent up to ten times over two sockets gets one seq",
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
      // Pauses, so that duplicates fall into the same flush and into different ones.
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, between(random, 0, 15)));
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
  TIMEOUT_MS,
);

test.concurrent(
  "an eviction loses nothing for connections that stay, resume or repeat",
  async () => {
    const { socket } = addressesOf(service.url, "eviction");
    const key = keyOf("sender");
    const [ann, bob] = [await openChat(socket, { hello: { key } }), await openChat(socket)];
    ann.command({ type: "send", id: "a", text: "before" });
    const { seq } = await bob.next("message");
    const { epoch } = bob.welcome;
    await bob.close();
    await new Promise((resolve) => setTimeout(resolve, EVICTED_AFTER_MS));
    ann.command({ type: "send", id: "a", text: "before" }, { type: "send", id: "b", text: "after" });
    expect(await ann.next("ok")).toMatchObject({ id: "a", seq });
    expect(await ann.next("ok")).toEqual({ type: "ok", id: "a", seq });
    expect(await ann.next("ok")).toEqual({ type: "ok", id: "b", seq: seq + 1 });
    const back = await openChat(socket, { hello: { resume: { epoch, seq } } });
    expect(back.welcome).toMatchObject({ resumed: true, events: [{ seq: seq + 1, text: "after" }] });
    for (const chat of [ann, back]) await chat.close();
  },
  TIMEOUT_MS,
);

test(
  "a join during 300 messages/s sees no gap and no overlap",
  async () => {
    const journal = new Journal();
    const context = { ...addressesOf(service.url, "joins"), journal };
    const senders = Array.from(
      { length: 3 },
      (_, n) => new RawParticipant(`sender-${n}`, context, seeded(`join ${n}`)),
    );
    await connectAll(senders);
    const seconds = sized(30, 3);
    const traffic = sendTraffic(senders, senders, { messages: seconds * 300, rate: 300 });
    const random = seeded("joins");
    const visits = new Set<Promise<void>>();
    const failures: unknown[] = [];
    let joins = 0;
    const startedAt = Date.now();
    while (Date.now() - startedAt < seconds * 1000) {
      if (visits.size < MAX_VISITORS) {
        joins += 1;
        const visited = visit(context.socket, between(random, 0, 300)).catch((error: unknown) =>
          failures.push(error),
        );
        const done = visited.then(() => void visits.delete(done));
        visits.add(done);
      }
      await new Promise((resolve) => setTimeout(resolve, JOIN_EVERY_MS));
    }
    await Promise.all(visits);
    await traffic;
    for (const sender of senders) sender.close();
    expect(failures).toEqual([]);
    const log = await wholeLog(context.messages);
    const findings = check(journal, log);
    report("Joins under traffic", { joins: 2 * joins, "messages in the log": log.length, seconds });
    expect(describe(findings)).toBe("");
  },
  TIMEOUT_MS,
);

test.concurrent(
  "clients whose clocks are a day off lose nothing",
  async () => {
    const journal = new Journal();
    const context = { ...addressesOf(service.url, "clocks"), journal };
    const all = [-DAY_MS, 0, DAY_MS].map(
      (offsetMs) =>
        new LibraryParticipant(`clock-${offsetMs}`, context, {
          clock: skewedClock(offsetMs),
          random: () => 0.01,
        }),
    );
    await connectAll(all);
    const messages = sized(3_000, 300);
    await sendTraffic(all, all, { messages, rate: 300 });
    const log = await wholeLog(context.messages);
    for (const participant of all) participant.close();
    report("Clocks a day off", { "messages in the log": log.length });
    expect(describe(check(journal, log))).toBe("");
    expect(log.length).toBe(messages);
  },
  TIMEOUT_MS,
);

/** Joins, stays for `stayMs`, reconnects once with a resume, and expects every seq exactly once. */
async function visit(socket: URL, stayMs: number): Promise<void> {
  const first = await openChat(socket, { hello: { history: 20 } });
  await new Promise((resolve) => setTimeout(resolve, stayMs));
  await first.close();
  const seen = seqsOf(first.heard);
  const { epoch, seq } = first.welcome;
  const back = await openChat(socket, { hello: { resume: { epoch, seq: seen.at(-1) ?? seq } } });
  if (!back.welcome.resumed) {
    // Too many events were missed, so the resume may be refused.
    expect(back.welcome.seq - (seen.at(-1) ?? seq)).toBeGreaterThan(MAX_RESUME_EVENTS);
    await back.close();
    return;
  }
  // An event follows the welcome, unless the traffic has ended.
  await within(
    "the next event",
    Promise.race([back.next("message"), new Promise((resolve) => setTimeout(resolve, 1_000))]),
  );
  await back.close();
  const all = [...seen, ...seqsOf(back.heard)];
  const start = all[0] ?? 0;
  expect(all).toEqual(Array.from({ length: all.length }, (_, n) => start + n));
  // In an empty room, no event has the welcome's seq 0.
  if (seq > 0) expect(all).toContain(seq);
}

/** Seqs of all events that a socket received, those of the welcome first. */
function seqsOf(heard: readonly string[]): number[] {
  return heard.flatMap((text) => {
    const line = parseServerLine(text);
    if (line?.type === "welcome") return line.events.map(({ seq }) => seq);
    return line?.type === "message" ? [line.seq] : [];
  });
}
