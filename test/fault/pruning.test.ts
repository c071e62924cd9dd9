// Old messages are pruned while readers come back from far behind: a resume is exact, or it is refused.
import { expect, test } from "vitest";
import { check, describe } from "./checker.ts";
import { converse, joined } from "./conversation.ts";
import { Journal } from "./journal.ts";
import { readLog } from "./log-reader.ts";
import { addressesOf, MortalService } from "./mortal-service.ts";
import { between, seeded } from "./random.ts";
import { RawMember } from "./raw-member.ts";
import { report, sized } from "./size.ts";

const MESSAGES = sized(20_000, 2_500);
const HISTORY_LIMIT = 300;

test(
  "pruning while readers resume leaves no silent hole, and never more than it may",
  async () => {
    await using service = await MortalService.start({ HISTORY_LIMIT: `${HISTORY_LIMIT}` });
    const journal = new Journal();
    const place = { ...addressesOf(service.url, "pruning"), journal };
    const random = seeded("pruning");
    const senders = Array.from({ length: 4 }, (_, n) => new RawMember(`sender-${n}`, place, seeded(`s${n}`)));
    const readers = Array.from(
      { length: 10 },
      (_, n) => new RawMember(`reader-${n}`, place, seeded(`r${n}`)),
    );
    const members = [...senders, ...readers];
    await joined(members);

    const talking = converse(senders, members, { messages: MESSAGES, rate: 600 });
    let isTalking = true;
    const ended = talking.finally(() => {
      isTalking = false;
    });
    while (isTalking && (senders[0]?.last ?? 0) < MESSAGES - 1_000) {
      const reader = readers[between(random, 0, readers.length - 1)];
      // Away for longer than the log remembers, or for less.
      reader?.drop(between(random, 0, 1_200));
      await new Promise((next) => setTimeout(next, between(random, 20, 80)));
    }
    await ended;
    const from = MESSAGES - HISTORY_LIMIT + 1;
    const log = await readLog(place.messages, from - 1);
    const tooOld = await readLog(place.messages, 0, 1);
    for (const member of members) member.close();

    if (log === "pruned") throw new Error("less was kept than the limit says");
    const findings = check(journal, log, { from, mayRefuseResume: true });
    report("Pruning while readers resume", {
      messages: MESSAGES,
      "kept in the log": log.length,
      resumes: journal.reconnects,
      "refused honestly": journal.refusedResumes,
      findings: findings.length,
    });
    expect(describe(findings)).toBe("");
    expect(tooOld).toBe("pruned");
    expect(journal.refusedResumes).toBeGreaterThan(0);
    expect(journal.refusedResumes).toBeLessThan(journal.reconnects);
  },
  sized(1_800_000, 180_000),
);
