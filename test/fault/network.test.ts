// The network fails under people while they talk: links are cut in the middle of a frame, and die unseen.
import { expect, test } from "vitest";
import { BadNetwork } from "./bad-network.ts";
import { check, describe } from "./checker.ts";
import { converse, joined, wholeLog } from "./conversation.ts";
import { Journal } from "./journal.ts";
import { LibraryMember, wrongClock } from "./library-member.ts";
import { addressesOf, MortalService } from "./mortal-service.ts";
import { between, seeded } from "./random.ts";
import { RawMember } from "./raw-member.ts";
import { report, sized } from "./size.ts";

const MESSAGES = sized(20_000, 1_500);
const CUTS = sized(200, 15);
const RATE = 600;

test(
  "a network that delays, cuts and half-opens loses nothing, doubles nothing, and keeps the order",
  async () => {
    await using service = await MortalService.start();
    const random = seeded("network");
    using network = await BadNetwork.to(service.port, random);
    const journal = new Journal();
    const place = {
      socket: addressesOf(network.url, "network").socket,
      messages: addressesOf(service.url, "network").messages,
      journal,
    };
    // A client's heartbeat is for half a minute; here its clock goes four times as fast.
    const clock = wrongClock(0, 4);
    const library = (name: string) => new LibraryMember(name, place, { clock, random });
    const raw = (name: string) => new RawMember(name, place, seeded(name));
    const senders = Array.from({ length: 10 }, (_, n) =>
      n < 4 ? library(`sender-${n}`) : raw(`sender-${n}`),
    );
    const readers = Array.from({ length: 5 }, (_, n) =>
      n < 2 ? library(`reader-${n}`) : raw(`reader-${n}`),
    );
    const members = [...senders, ...readers];
    await joined(members);

    const began = Date.now();
    const talking = converse(senders, members, { messages: MESSAGES, rate: RATE });
    const everyMs = (MESSAGES / RATE / CUTS) * 1000;
    for (let n = 0; n < CUTS; n += 1) {
      await new Promise((live) => setTimeout(live, between(random, everyMs / 2, everyMs * 1.5)));
      network.cut();
    }
    await talking;
    const seconds = Math.round((Date.now() - began) / 1000);
    const log = await wholeLog(place.messages);
    for (const member of members) member.close();

    const findings = check(journal, log);
    report("A bad network", {
      "messages in the log": log.length,
      ...Object.fromEntries(network.cuts),
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
