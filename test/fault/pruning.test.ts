// Messages are pruned while readers resume from far behind: a resume is exact, or it is refused.
import { expect, test } from "vitest";
import { check, describe } from "./checker.ts";
import { Journal } from "./journal.ts";
import { readLog } from "./log-reader.ts";
import { between, seeded } from "./random.ts";
import { RawParticipant } from "./raw-participant.ts";
import { addressesOf, RestartableService } from "./restartable-service.ts";
import { report, sized } from "./size.ts";
import { connectAll, sendTraffic } from "./traffic.ts";

const MESSAGES = sized(20_000, 2_500);
const HISTORY_LIMIT = 300;

test(
  "pruning while readers resume leaves no silent gap",
  async () => {
    await using service = await RestartableService.start({ HISTORY_LIMIT: `${HISTORY_LIMIT}` });
    const journal = new Journal();
    const context = { ...addressesOf(service.url, "pruning"), journal };
    const random = seeded("pruning");
    const senders = Array.from(
      { length: 4 },
      (_, n) => new RawParticipant(`sender-${n}`, context, seeded(`s${n}`)),
    );
    const readers = Array.from(
      { length: 10 },
      (_, n) => new RawParticipant(`reader-${n}`, context, seeded(`r${n}`)),
    );
    const all = [...senders, ...readers];
    await connectAll(all);

    const traffic = sendTraffic(senders, all, { messages: MESSAGES, rate: 600 });
    let isSending = true;
    const ended = traffic.finally(() => {
      isSending = false;
    });
    while (isSending && (senders[0]?.last ?? 0) < MESSAGES - 1_000) {
      const reader = readers[between(random, 0, readers.length - 1)];
      // Disconnected for longer or shorter than the log keeps its events.
      reader?.drop(between(random, 0, 1_200));
      await new Promise((resolve) => setTimeout(resolve, between(random, 20, 80)));
    }
    await ended;
    const from = MESSAGES - HISTORY_LIMIT + 1;
    const log = await readLog(context.messages, from - 1);
    const tooOld = await readLog(context.messages, 0, 1);
    for (const participant of all) participant.close();

    if (log === "pruned") throw new Error("the log keeps fewer messages than its limit");
    const findings = check(journal, log, { from, mayRefuseResume: true });
    report("Pruning while readers resume", {
      messages: MESSAGES,
      "kept in the log": log.length,
      resumes: journal.reconnects,
      "resumes refused": journal.refusedResumes,
      findings: findings.length,
    });
    expect(describe(findings)).toBe("");
    expect(tooOld).toBe("pruned");
    expect(journal.refusedResumes).toBeGreaterThan(0);
    expect(journal.refusedResumes).toBeLessThan(journal.reconnects);
  },
  sized(1_800_000, 180_000),
);
