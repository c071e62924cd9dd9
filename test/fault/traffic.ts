// Traffic of a run: senders that keep their pace whatever happens to the service, and readers.
import { expect } from "vitest";
import { check, describe } from "./checker.ts";
import { wholeLog } from "./log-reader.ts";
import type { Participant } from "./participant.ts";
import type { RunContext } from "./reader-log.ts";
import { report } from "./size.ts";

export interface Pace {
  /** Messages of all senders together. */
  readonly messages: number;
  /** Messages per second of all senders together. */
  readonly rate: number;
}

/** Sends without an answer at which a sender pauses. */
const WINDOW = 64;
/** Interval at which senders send, ms. */
const TICK_MS = 20;
/** Interval at which progress is checked, and the time without progress after which a run ends, ms. */
const PROGRESS_MS = 50;
const STANDSTILL_MS = 60_000;

/** Number of participants of one role that use the project's client, and that implement the protocol. */
export interface Mix {
  readonly library: number;
  readonly raw: number;
}

/** Creates the participants of one role: `sender-0`, `sender-1`, … */
export function participants(
  role: "sender" | "reader",
  { library, raw }: Mix,
  create: { library(name: string): Participant; raw(name: string): Participant },
): Participant[] {
  return Array.from({ length: library + raw }, (_, n) =>
    n < library ? create.library(`${role}-${n}`) : create.raw(`${role}-${n}`),
  );
}

/** Connects all participants. Resolves once each has received a welcome. */
export async function connectAll(all: readonly Participant[]): Promise<void> {
  for (const participant of all) participant.connect();
  await untilDone(() => all.filter(({ last }) => last === undefined).length);
}

/**
 * Sends messages at a pace. Resolves once every send is answered and every participant has received every
 * message, or after a standstill: the checker then finds what is missing.
 */
export async function sendTraffic(
  senders: readonly Participant[],
  all: readonly Participant[],
  { messages, rate }: Pace,
): Promise<void> {
  const sent = new Map<Participant, number>();
  const quota = Math.ceil(messages / senders.length);
  const perTick = (rate / senders.length) * (TICK_MS / 1000);
  let credit = 0;
  const timer = setInterval(() => {
    credit = Math.min(credit + perTick, 4 * perTick + 1);
    const now = Math.floor(credit);
    credit -= now;
    for (const sender of senders) {
      for (let n = 0; n < now; n += 1) {
        const count = sent.get(sender) ?? 0;
        if (count >= quota || sender.pending >= WINDOW) break;
        sent.set(sender, count + 1);
        sender.send(`${sender.name} sends ${count + 1}`);
      }
    }
  }, TICK_MS);
  try {
    await untilDone(() => {
      const unsent = senders.reduce((sum, sender) => sum + quota - (sent.get(sender) ?? 0), 0);
      const pending = senders.reduce((sum, sender) => sum + sender.pending, 0);
      const unread = all.reduce((sum, { last = 0 }) => sum + Math.max(0, quota * senders.length - last), 0);
      return unsent + pending + unread;
    });
  } finally {
    clearInterval(timer);
  }
}

/** Closes all participants, reports the figures of the run, and fails if anything was lost. */
export async function expectNothingLost(
  title: string,
  { journal, messages }: RunContext,
  all: readonly Participant[],
  { expected, startedAt, figures = {} }: ExpectedRun,
): Promise<void> {
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const log = await wholeLog(messages);
  for (const participant of all) participant.close();
  const findings = check(journal, log);
  report(title, {
    ...figures,
    "messages in the log": log.length,
    deliveries: journal.deliveries,
    reconnects: journal.reconnects,
    "resumes refused and filled": journal.refusedResumes,
    findings: findings.length,
    seconds,
  });
  expect(describe(findings)).toBe("");
  expect(log.length).toBe(expected);
}

interface ExpectedRun {
  /** Number of messages in the log at the end. */
  readonly expected: number;
  /** Unix ms. */
  readonly startedAt: number;
  /** Figures of this run to report besides those of every run. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** Resolves once `remaining` returns 0, or has not changed for a minute. */
async function untilDone(remaining: () => number): Promise<void> {
  let before = remaining();
  let changedAt = Date.now();
  while (before > 0 && Date.now() - changedAt < STANDSTILL_MS) {
    await new Promise((resolve) => setTimeout(resolve, PROGRESS_MS));
    const now = remaining();
    if (now !== before) changedAt = Date.now();
    before = now;
  }
}
