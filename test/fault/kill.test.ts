// The server is killed, over and over, while people talk: nothing that was acknowledged may be lost.
import { expect, test } from "vitest";
import { check, describe } from "./checker.ts";
import { converse, joined, wholeLog } from "./conversation.ts";
import { Journal } from "./journal.ts";
import { LibraryMember } from "./library-member.ts";
import { addressesOf, MortalService } from "./mortal-service.ts";
import { between, seeded } from "./random.ts";
import { RawMember } from "./raw-member.ts";
import { report, sized } from "./size.ts";

const MESSAGES = sized(100_000, 4_000);
const KILLS = sized(60, 4);
const RATE = 3_000;

test(
  "a server that is killed at random loses nothing, doubles nothing, and keeps the order, for every reader",
  async () => {
    await using service = await MortalService.start();
    const journal = new Journal();
    const place = { ...addressesOf(service.url, "kill"), journal };
    const random = seeded("kill");
    // A client's pauses between attempts are for servers that stay away; here they would be most of the run.
    const library = (name: string) => new LibraryMember(name, place, { random: () => random() * 0.05 });
    const raw = (name: string) => new RawMember(name, place, seeded(name));
    const senders = Array.from({ length: 20 }, (_, n) =>
      n < 4 ? library(`sender-${n}`) : raw(`sender-${n}`),
    );
    const readers = Array.from({ length: 5 }, (_, n) =>
      n < 2 ? library(`reader-${n}`) : raw(`reader-${n}`),
    );
    const members = [...senders, ...readers];
    await joined(members);
    journal.reconnects = 0;

    const began = Date.now();
    const talking = converse(senders, members, { messages: MESSAGES, rate: RATE });
    while (service.kills < KILLS) {
      const acked = journal.acks.length;
      // Each life has traffic before its end.
      while (journal.acks.length === acked) await new Promise((look) => setTimeout(look, 5));
      await new Promise((live) => setTimeout(live, between(random, 150, 550)));
      await service.kill();
      await service.restart();
    }
    await talking;
    const seconds = Math.round((Date.now() - began) / 1000);
    const log = await wholeLog(place.messages);
    for (const member of members) member.close();

    const findings = check(journal, log);
    report("SIGKILL while people talk", {
      kills: service.kills,
      "messages in the log": log.length,
      deliveries: [...journal.readers.values()].reduce((sum, heard) => sum + heard.length, 0),
      reconnects: journal.reconnects,
      "resumes refused and filled": journal.refusedResumes,
      findings: findings.length,
      seconds,
    });
    expect(describe(findings)).toBe("");
    expect(log.length).toBe(MESSAGES);
  },
  sized(1_800_000, 180_000),
);
