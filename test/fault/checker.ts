// The checker: what a run's journal and the log that it left must have in common, and where they do not.
import type { Heard, Journal, Said } from "./journal.ts";

/** What the checker looks for; each finding is against one of these. */
export type Rule =
  | "what was acknowledged is in the log"
  | "one seq an id"
  | "one message an id"
  | "seqs are dense"
  | "a reader's list has no gap"
  | "a reader is given nothing twice"
  | "a reader's list goes to the end"
  | "a reader is given what is in the log"
  | "a sender's order is kept"
  | "nothing that nobody sent"
  | "every send is acknowledged"
  | "nothing is refused";

export interface Finding {
  readonly rule: Rule;
  readonly detail: string;
}

/** How many findings of one rule are told in full; the rest would say the same. */
const TOLD_PER_RULE = 5;

export interface Strictness {
  /** A reader may be refused a resume, and begin anew after the hole that it was told of. */
  readonly mayRefuseResume?: boolean;
  /** First seq of the log, where older ones were pruned; default 1. */
  readonly from?: number;
}

/** All that is wrong with a run, given its journal and the log as it is in the end, in order. */
export function check(journal: Journal, log: readonly Said[], strictness: Strictness = {}): Finding[] {
  const { from = 1 } = strictness;
  const findings: Finding[] = [];
  const find = (rule: Rule, detail: string) => findings.push({ rule, detail });
  const bySeq = new Map(log.map((said) => [said.seq, said]));
  checkLog(journal, log, from, find);
  checkAcks(journal, bySeq, from, find);
  for (const [reader, heard] of journal.readers) {
    checkReader(reader, heard, { bySeq, head: log.at(-1)?.seq ?? from - 1, from }, strictness, find);
  }
  for (const complaint of journal.complaints) find("nothing is refused", complaint);
  return findings;
}

/** The findings as text, each rule's first few. Empty where there are none. */
export function describe(findings: readonly Finding[]): string {
  const byRule = Map.groupBy(findings, ({ rule }) => rule);
  return Array.from(byRule, ([rule, all]) =>
    [
      `${rule}: ${all.length} times not`,
      ...all.slice(0, TOLD_PER_RULE).map(({ detail }) => `  ${detail}`),
    ].join("\n"),
  ).join("\n");
}

type Find = (rule: Rule, detail: string) => void;

function checkLog(journal: Journal, log: readonly Said[], from: number, find: Find): void {
  const senderOf = new Map(Array.from(journal.users, ([sender, user]) => [user, sender]));
  const places = new Map(
    Array.from(journal.sends, ([sender, sent]) => [
      sender,
      new Map(Array.from(sent.values(), (text, place) => [text, place])),
    ]),
  );
  const last = new Map<string, number>();
  const seen = new Map<string, number>();
  let expected = from;
  for (const { seq, user, text } of log) {
    if (seq !== expected) find("seqs are dense", `${seq} follows ${expected - 1}`);
    expected = seq + 1;
    const sender = senderOf.get(user);
    const place = sender === undefined ? undefined : places.get(sender)?.get(text);
    if (sender === undefined || place === undefined) {
      find("nothing that nobody sent", `${seq} of ${sender ?? user}: ${JSON.stringify(text)}`);
      continue;
    }
    const before = seen.get(`${user} ${text}`);
    if (before !== undefined) {
      find("one message an id", `${sender}'s ${JSON.stringify(text)} is ${before} and ${seq}`);
      continue;
    }
    seen.set(`${user} ${text}`, seq);
    if (place < (last.get(sender) ?? -1))
      find("a sender's order is kept", `${sender}'s ${seq} comes too late`);
    last.set(sender, Math.max(place, last.get(sender) ?? -1));
  }
}

function checkAcks(journal: Journal, bySeq: ReadonlyMap<number, Said>, from: number, find: Find): void {
  const acked = new Map<string, number>();
  for (const { sender, id, seq } of journal.acks) {
    const text = journal.sends.get(sender)?.get(id);
    const first = acked.get(`${sender} ${id}`);
    if (first !== undefined && first !== seq)
      find("one seq an id", `${sender}'s ${id} is ${first} and ${seq}`);
    acked.set(`${sender} ${id}`, seq);
    const said = bySeq.get(seq);
    if (seq < from) continue;
    if (said === undefined || said.text !== text || said.user !== journal.users.get(sender)) {
      find("what was acknowledged is in the log", `${sender}'s ${id}, acknowledged as ${seq}`);
    }
  }
  for (const [sender, sent] of journal.sends) {
    for (const id of sent.keys()) {
      if (!acked.has(`${sender} ${id}`)) find("every send is acknowledged", `${sender}'s ${id}`);
    }
  }
}

interface Kept {
  readonly bySeq: ReadonlyMap<number, Said>;
  readonly head: number;
  readonly from: number;
}

function checkReader(
  reader: string,
  heard: readonly Heard[],
  { bySeq, head, from }: Kept,
  { mayRefuseResume = false }: Strictness,
  find: Find,
): void {
  let last: number | undefined;
  for (const entry of heard) {
    if (entry.type === "welcome") {
      if (entry.resumed) continue;
      if (last !== undefined && entry.seq !== last && !mayRefuseResume) {
        find(
          "a reader's list has no gap",
          `${reader} was told to begin anew after ${entry.seq}, having ${last}`,
        );
      }
      last = Math.max(entry.seq, last ?? 0);
      continue;
    }
    const { seq } = entry;
    if (last === undefined || seq > last + 1) {
      find(
        "a reader's list has no gap",
        `${reader} was given ${seq} after ${last ?? "nothing, not even a welcome"}`,
      );
    } else if (seq <= last) {
      find("a reader is given nothing twice", `${reader} was given ${seq} after ${last}`);
    }
    last = Math.max(seq, last ?? 0);
    const said = bySeq.get(seq);
    if (seq >= from && (said === undefined || said.text !== entry.text || said.user !== entry.user)) {
      find("a reader is given what is in the log", `${reader} was given another ${seq}`);
    }
  }
  if (last !== undefined && last < head) {
    find("a reader's list goes to the end", `${reader}'s ends at ${last} of ${head}`);
  }
}
