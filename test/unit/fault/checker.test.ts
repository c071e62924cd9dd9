// The checker of the fault tests must find exactly the fault in a journal that has one.
import { expect, test } from "vitest";
import { check, describe, type Rule } from "../../fault/checker.ts";
import { Journal, type LoggedMessage, type ReaderEntry } from "../../fault/journal.ts";

interface Run {
  readonly journal: Journal;
  readonly log: LoggedMessage[];
}

/** A correct run of two senders and two readers. */
function correctRun(): Run {
  const journal = new Journal();
  const log: LoggedMessage[] = [];
  for (const sender of ["ann", "bob"]) journal.users.set(sender, `u-${sender}`);
  for (let n = 0; n < 6; n += 1) {
    const sender = n % 2 === 0 ? "ann" : "bob";
    const message = { seq: n + 1, user: `u-${sender}`, text: `${sender} ${n}` };
    journal.recordSend(sender, `id-${n}`, message.text);
    journal.acks.push({ sender, id: `id-${n}`, seq: message.seq });
    log.push(message);
  }
  const events: ReaderEntry[] = log.map((message) => ({ type: "event", ...message }));
  for (const entry of [
    { type: "welcome", seq: 0, resumed: false } as const,
    ...events.slice(0, 3),
    { type: "welcome", seq: 5, resumed: true } as const,
    ...events.slice(3),
  ]) {
    journal.recordDelivery("carl", entry);
  }
  // A reader that joins late starts at the seq of its welcome.
  for (const entry of [{ type: "welcome", seq: 4, resumed: false } as const, ...events.slice(4)]) {
    journal.recordDelivery("dora", entry);
  }
  return { journal, log };
}

function carl(journal: Journal): ReaderEntry[] {
  return journal.readers.get("carl") ?? [];
}

test("finds nothing in a correct run", () => {
  const { journal, log } = correctRun();
  expect(check(journal, log)).toEqual([]);
  expect(describe(check(journal, log))).toBe("");
});

const FAULTS: [string, Rule[], (run: Run) => void][] = [
  [
    "an acknowledged message missing in the log",
    ["acknowledged messages are in the log", "a reader receives what the log holds", "seqs have no gaps"],
    ({ log }) => log.splice(2, 1),
  ],
  [
    "an acknowledged message missing at the end of the log",
    ["acknowledged messages are in the log", "a reader receives what the log holds"],
    ({ log }) => log.pop(),
  ],
  [
    "an ok with the seq of another message",
    ["acknowledged messages are in the log"],
    ({ journal }) => {
      journal.acks[1] = { sender: "bob", id: "id-1", seq: 4 };
    },
  ],
  [
    "an id acknowledged with two seqs",
    ["one seq per id", "acknowledged messages are in the log"],
    ({ journal }) => journal.acks.push({ sender: "ann", id: "id-0", seq: 2 }),
  ],
  [
    "a message twice in the log",
    ["one message per id"],
    ({ journal, log }) => {
      log.push({ seq: 7, user: "u-ann", text: "ann 2" });
      for (const reader of ["carl", "dora"]) {
        journal.recordDelivery(reader, { type: "event", seq: 7, user: "u-ann", text: "ann 2" });
      }
    },
  ],
  [
    "a skipped seq",
    ["seqs have no gaps", "a reader misses nothing"],
    ({ journal, log }) => {
      log.push({ seq: 8, user: "u-ann", text: "ann 8" });
      journal.recordSend("ann", "id-8", "ann 8");
      journal.acks.push({ sender: "ann", id: "id-8", seq: 8 });
      for (const reader of ["carl", "dora"]) {
        journal.recordDelivery(reader, { type: "event", seq: 8, user: "u-ann", text: "ann 8" });
      }
    },
  ],
  ["a reader with a gap", ["a reader misses nothing"], ({ journal }) => carl(journal).splice(2, 1)],
  [
    "a reader whose resume skipped the last event",
    ["a reader misses nothing"],
    ({ journal }) => carl(journal).splice(5, 1),
  ],
  [
    "a reader without the last event",
    ["a reader receives everything up to the end"],
    ({ journal }) => carl(journal).pop(),
  ],
  [
    "a reader that received an event twice",
    ["a reader receives nothing twice"],
    ({ journal }) => {
      const entries = carl(journal);
      entries.splice(3, 0, ...entries.slice(2, 3));
    },
  ],
  [
    "a reader that received two events in the wrong order",
    ["a reader misses nothing", "a reader receives nothing twice"],
    ({ journal }) => {
      const entries = carl(journal);
      entries.splice(1, 2, ...entries.slice(1, 3).reverse());
    },
  ],
  [
    "a reader that received another text than the log has",
    ["a reader receives what the log holds"],
    ({ journal }) => {
      carl(journal)[1] = { type: "event", seq: 1, user: "u-ann", text: "something else" };
    },
  ],
  [
    "a reader whose resume was refused",
    ["a reader misses nothing"],
    ({ journal }) => {
      carl(journal).splice(4, 2, { type: "welcome", seq: 4, resumed: false });
    },
  ],
  ["a reader without a welcome", ["a reader misses nothing"], ({ journal }) => carl(journal).shift()],
  [
    "a sender whose messages are out of order",
    ["a sender's order is kept"],
    ({ journal }) => {
      journal.sends.set(
        "ann",
        new Map([
          ["id-2", "ann 2"],
          ["id-0", "ann 0"],
          ["id-4", "ann 4"],
        ]),
      );
    },
  ],
  [
    "a message that was not sent",
    ["every message was sent"],
    ({ journal, log }) => {
      log.push({ seq: 7, user: "u-ann", text: "ann never" });
      for (const reader of ["carl", "dora"]) {
        journal.recordDelivery(reader, { type: "event", seq: 7, user: "u-ann", text: "ann never" });
      }
    },
  ],
  [
    "a message of another user",
    [
      "every message was sent",
      "acknowledged messages are in the log",
      "a reader receives what the log holds",
    ],
    ({ log }) => {
      log[0] = { seq: 1, user: "u-bob", text: "ann 0" };
    },
  ],
  ["a send without an acknowledgement", ["every send is acknowledged"], ({ journal }) => journal.acks.pop()],
  ["a rejected send", ["no send is rejected"], ({ journal }) => journal.failures.push("ann: internal")],
];

for (const [fault, rules, apply] of FAULTS) {
  test(`finds ${fault}`, () => {
    const run = correctRun();
    apply(run);
    const findings = check(run.journal, run.log);
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(rules));
    for (const rule of rules) expect(describe(findings)).toContain(rule);
  });
}

test("accepts an announced gap if a resume may be refused, but no other gap", () => {
  const { journal, log } = correctRun();
  carl(journal).splice(4, 2, { type: "welcome", seq: 4, resumed: false });
  expect(check(journal, log, { mayRefuseResume: true })).toEqual([]);
  carl(journal).splice(2, 1);
  expect(check(journal, log, { mayRefuseResume: true }).map(({ rule }) => rule)).toEqual([
    "a reader misses nothing",
  ]);
});

test("checks a pruned log from its first seq", () => {
  const { journal, log } = correctRun();
  expect(check(journal, log.slice(2), { from: 3 })).toEqual([]);
  expect(check(journal, log.slice(3), { from: 3 })).not.toEqual([]);
});
