// The checker: compares the journal of a run with the log that it left.
import type { Journal, LoggedMessage, ReaderEntry } from "./journal.ts";

/** Rule is what must hold; each finding violates one. */
export type Rule =
  | "acknowledged messages are in the log"
  | "one seq per id"
  | "one message per id"
  | "seqs have no gaps"
  | "a reader misses nothing"
  | "a reader receives nothing twice"
  | "a reader receives everything up to the end"
  | "a reader receives what the log holds"
  | "a sender's order is kept"
  | "every message was sent"
  | "every send is acknowledged"
  | "no send is rejected";

export interface Finding {
  readonly rule: Rule;
  readonly detail: string;
}

/** Findings per rule that are described in full. */
const DETAILS_PER_RULE = 5;

export interface Strictness {
  /** A resume may be refused; the reader then continues after an announced gap. Default false. */
  readonly mayRefuseResume?: boolean;
  /** First seq of the log if older ones were pruned. Default 1. */
  readonly from?: number;
}

/** Returns all violations in a run. `log` is the complete log at the end, in order. */
export function check(
  journal: Journal,
  log: readonly LoggedMessage[],
  strictness: Strictness = {},
): Finding[] {
  const { from = 1 } = strictness;
  const findings: Finding[] = [];
  const find = (rule: Rule, detail: string) => findings.push({ rule, detail });
  const bySeq = new Map(log.map((message) => [message.seq, message]));
  checkLog(journal, log, from, find);
  checkAcks(journal, bySeq, from, find);
  for (const [reader, entries] of journal.readers) {
    checkReader(reader, entries, { bySeq, head: log.at(-1)?.seq ?? from - 1, from }, strictness, find);
  }
  for (const failure of journal.failures) find("no send is rejected", failure);
  return findings;
}

/** Formats the findings, the first few of each rule in full. Empty if there are none. */
export function describe(findings: readonly Finding[]): string {
  const byRule = Map.groupBy(findings, ({ rule }) => rule);
  return Array.from(byRule, ([rule, all]) =>
    [
      `violated ${all.length} times: ${rule}`,
      ...all.slice(0, DETAILS_PER_RULE).map(({ detail }) => `  ${detail}`),
    ].join("\n"),
  ).join("\n");
}

type Find = (rule: Rule, detail: string) => void;

function checkLog(journal: Journal, log: readonly LoggedMessage[], from: number, find: Find): void {
  const senderOf = new Map(Array.from(journal.users, ([sender, user]) => [user, sender]));
  /** Position of each text among its sender's sends. */
  const positions = new Map(
    Array.from(journal.sends, ([sender, sent]) => [
      sender,
      new Map(Array.from(sent.values(), (text, position) => [text, position])),
    ]),
  );
  const lastPosition = new Map<string, number>();
  const seen = new Map<string, number>();
  let expected = from;
  for (const { seq, user, text } of log) {
    if (seq !== expected) find("seqs have no gaps", `${seq} follows ${expected - 1}`);
    expected = seq + 1;
    const sender = senderOf.get(user);
    const position = sender === undefined ? undefined : positions.get(sender)?.get(text);
    if (sender === undefined || position === undefined) {
      find("every message was sent", `${seq} of ${sender ?? user}: ${JSON.stringify(text)}`);
      continue;
    }
    const first = seen.get(`${user} ${text}`);
    if (first !== undefined) {
      find("one message per id", `${sender}'s ${JSON.stringify(text)} is ${first} and ${seq}`);
      continue;
    }
    seen.set(`${user} ${text}`, seq);
    const last = lastPosition.get(sender) ?? -1;
    if (position < last) find("a sender's order is kept", `${sender}'s ${seq} is too late`);
    lastPosition.set(sender, Math.max(position, last));
  }
}

function checkAcks(
  journal: Journal,
  bySeq: ReadonlyMap<number, LoggedMessage>,
  from: number,
  find: Find,
): void {
  const acknowledged = new Map<string, number>();
  for (const { sender, id, seq } of journal.acks) {
    const text = journal.sends.get(sender)?.get(id);
    const first = acknowledged.get(`${sender} ${id}`);
    if (first !== undefined && first !== seq)
      find("one seq per id", `${sender}'s ${id} is ${first} and ${seq}`);
    acknowledged.set(`${sender} ${id}`, seq);
    const message = bySeq.get(seq);
    if (seq < from) continue;
    if (message === undefined || message.text !== text || message.user !== journal.users.get(sender)) {
      find("acknowledged messages are in the log", `${sender}'s ${id}, acknowledged as ${seq}`);
    }
  }
  for (const [sender, sent] of journal.sends) {
    for (const id of sent.keys()) {
      if (!acknowledged.has(`${sender} ${id}`)) find("every send is acknowledged", `${sender}'s ${id}`);
    }
  }
}

interface LogIndex {
  readonly bySeq: ReadonlyMap<number, LoggedMessage>;
  readonly head: number;
  readonly from: number;
}

function checkReader(
  reader: string,
  entries: readonly ReaderEntry[],
  { bySeq, head, from }: LogIndex,
  { mayRefuseResume = false }: Strictness,
  find: Find,
): void {
  let last: number | undefined;
  for (const entry of entries) {
    if (entry.type === "welcome") {
      if (entry.resumed) continue;
      if (last !== undefined && entry.seq !== last && !mayRefuseResume) {
        find("a reader misses nothing", `${reader} has ${last}, and its resume continued after ${entry.seq}`);
      }
      last = Math.max(entry.seq, last ?? 0);
      continue;
    }
    const { seq } = entry;
    if (last === undefined || seq > last + 1) {
      find("a reader misses nothing", `${reader} received ${seq} after ${last ?? "no welcome"}`);
    } else if (seq <= last) {
      find("a reader receives nothing twice", `${reader} received ${seq} after ${last}`);
    }
    last = Math.max(seq, last ?? 0);
    const message = bySeq.get(seq);
    const isSame = message?.text === entry.text && message.user === entry.user;
    if (seq >= from && !isSame) {
      find("a reader receives what the log holds", `${reader} received another ${seq}`);
    }
  }
  if (last !== undefined && last < head) {
    find("a reader receives everything up to the end", `${reader}'s list ends at ${last} of ${head}`);
  }
}
