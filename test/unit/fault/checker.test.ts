// The checker of the fault tests, given journals with one thing wrong each: it must find that, and nothing else.
import { expect, test } from "vitest";
import { check, describe, type Rule } from "../../fault/checker.ts";
import { type Heard, Journal, type Said } from "../../fault/journal.ts";

/** A run of two senders and a reader, in which everything went well. */
function wellRun(): { journal: Journal; log: Said[] } {
  const journal = new Journal();
  const log: Said[] = [];
  for (const sender of ["ann", "bob"]) journal.users.set(sender, `u-${sender}`);
  for (let n = 0; n < 6; n += 1) {
    const sender = n % 2 === 0 ? "ann" : "bob";
    const said = { seq: n + 1, user: `u-${sender}`, text: `${sender} ${n}` };
    journal.send(sender, `id-${n}`, said.text);
    journal.acks.push({ sender, id: `id-${n}`, seq: said.seq });
    log.push(said);
  }
  const events: Heard[] = log.map((said) => ({ type: "event", ...said }));
  for (const heard of [
    { type: "welcome", seq: 0, resumed: false } as const,
    ...events.slice(0, 3),
    { type: "welcome", seq: 5, resumed: true } as const,
    ...events.slice(3),
  ]) {
    journal.hear("carl", heard);
  }
  // One who comes late begins where the welcome says.
  for (const heard of [{ type: "welcome", seq: 4, resumed: false } as const, ...events.slice(4)]) {
    journal.hear("dora", heard);
  }
  return { journal, log };
}

function carl(journal: Journal): Heard[] {
  return journal.readers.get("carl") ?? [];
}

test("a run in which everything went well has no findings", () => {
  const { journal, log } = wellRun();
  expect(check(journal, log)).toEqual([]);
  expect(describe(check(journal, log))).toBe("");
});

const DOCTORED: [string, Rule[], (run: { journal: Journal; log: Said[] }) => void][] = [
  [
    "an acknowledged message that is not in the log",
    ["what was acknowledged is in the log", "a reader is given what is in the log", "seqs are dense"],
    ({ log }) => log.splice(2, 1),
  ],
  [
    "an acknowledged message at the end of the log that is gone",
    ["what was acknowledged is in the log", "a reader is given what is in the log"],
    ({ log }) => log.pop(),
  ],
  [
    "an ok with the seq of another message",
    ["what was acknowledged is in the log"],
    ({ journal }) => {
      journal.acks[1] = { sender: "bob", id: "id-1", seq: 4 };
    },
  ],
  [
    "an id that was acknowledged under two seqs",
    ["one seq an id", "what was acknowledged is in the log"],
    ({ journal }) => journal.acks.push({ sender: "ann", id: "id-0", seq: 2 }),
  ],
  [
    "a message that is in the log twice",
    ["one message an id"],
    ({ journal, log }) => {
      log.push({ seq: 7, user: "u-ann", text: "ann 2" });
      for (const reader of ["carl", "dora"]) {
        journal.hear(reader, { type: "event", seq: 7, user: "u-ann", text: "ann 2" });
      }
    },
  ],
  [
    "a seq that was left out",
    ["seqs are dense", "a reader's list has no gap"],
    ({ journal, log }) => {
      log.push({ seq: 8, user: "u-ann", text: "ann 8" });
      journal.send("ann", "id-8", "ann 8");
      journal.acks.push({ sender: "ann", id: "id-8", seq: 8 });
      for (const reader of ["carl", "dora"]) {
        journal.hear(reader, { type: "event", seq: 8, user: "u-ann", text: "ann 8" });
      }
    },
  ],
  [
    "a reader with a hole in the middle",
    ["a reader's list has no gap"],
    ({ journal }) => carl(journal).splice(2, 1),
  ],
  [
    "a reader whose resume left out the last event",
    ["a reader's list has no gap"],
    ({ journal }) => carl(journal).splice(5, 1),
  ],
  [
    "a reader who did not hear the end",
    ["a reader's list goes to the end"],
    ({ journal }) => carl(journal).pop(),
  ],
  [
    "a reader who was given an event twice",
    ["a reader is given nothing twice"],
    ({ journal }) => {
      const heard = carl(journal);
      heard.splice(3, 0, ...heard.slice(2, 3));
    },
  ],
  [
    "a reader who was given two events in the wrong order",
    ["a reader's list has no gap", "a reader is given nothing twice"],
    ({ journal }) => {
      const heard = carl(journal);
      heard.splice(1, 2, ...heard.slice(1, 3).reverse());
    },
  ],
  [
    "a reader who was given another text than the log has",
    ["a reader is given what is in the log"],
    ({ journal }) => {
      carl(journal)[1] = { type: "event", seq: 1, user: "u-ann", text: "something else" };
    },
  ],
  [
    "a reader who was told to begin anew",
    ["a reader's list has no gap"],
    ({ journal }) => {
      carl(journal).splice(4, 2, { type: "welcome", seq: 4, resumed: false });
    },
  ],
  [
    "a reader who never got a welcome",
    ["a reader's list has no gap"],
    ({ journal }) => carl(journal).shift(),
  ],
  [
    "a sender whose messages changed places",
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
    "a message that nobody sent",
    ["nothing that nobody sent"],
    ({ journal, log }) => {
      log.push({ seq: 7, user: "u-ann", text: "ann never" });
      for (const reader of ["carl", "dora"]) {
        journal.hear(reader, { type: "event", seq: 7, user: "u-ann", text: "ann never" });
      }
    },
  ],
  [
    "a message under another's name",
    [
      "nothing that nobody sent",
      "what was acknowledged is in the log",
      "a reader is given what is in the log",
    ],
    ({ log }) => {
      log[0] = { seq: 1, user: "u-bob", text: "ann 0" };
    },
  ],
  ["a send that was never acknowledged", ["every send is acknowledged"], ({ journal }) => journal.acks.pop()],
  [
    "a send that was refused",
    ["nothing is refused"],
    ({ journal }) => journal.complaints.push("ann: internal"),
  ],
];

for (const [wrong, rules, doctor] of DOCTORED) {
  test(`it finds ${wrong}`, () => {
    const run = wellRun();
    doctor(run);
    const findings = check(run.journal, run.log);
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(rules));
    for (const rule of rules) expect(describe(findings)).toContain(rule);
  });
}

test("where a resume may be refused, beginning anew is no gap, but a hole is", () => {
  const { journal, log } = wellRun();
  carl(journal).splice(4, 2, { type: "welcome", seq: 4, resumed: false });
  expect(check(journal, log, { mayRefuseResume: true })).toEqual([]);
  carl(journal).splice(2, 1);
  expect(check(journal, log, { mayRefuseResume: true }).map(({ rule }) => rule)).toEqual([
    "a reader's list has no gap",
  ]);
});

test("a log whose beginning was pruned is checked from there on", () => {
  const { journal, log } = wellRun();
  expect(check(journal, log.slice(2), { from: 3 })).toEqual([]);
  expect(check(journal, log.slice(3), { from: 3 })).not.toEqual([]);
});
