// The server is killed at random times while participants send: no acknowledged message may be lost.
import { test } from "vitest";
import { within } from "../helpers/wait.ts";
import { Journal } from "./journal.ts";
import { LibraryParticipant } from "./library-participant.ts";
import { between, seeded } from "./random.ts";
import { RawParticipant } from "./raw-participant.ts";
import { addressesOf, RestartableService } from "./restartable-service.ts";
import { sized } from "./size.ts";
import { connectAll, expectNothingLost, participants, sendTraffic } from "./traffic.ts";

const MESSAGES = sized(100_000, 4_000);
const KILLS = sized(60, 4);
const RATE = 3_000;

test(
  "a server killed at random loses, duplicates and reorders nothing for any reader",
  async () => {
    await using service = await RestartableService.start();
    const journal = new Journal();
    const context = { ...addressesOf(service.url, "kill"), journal };
    const random = seeded("kill");
    const create = {
      // The client's back-off is for long outages; here it would take most of the run.
      library: (name: string) => new LibraryParticipant(name, context, { random: () => random() * 0.05 }),
      raw: (name: string) => new RawParticipant(name, context, seeded(name)),
    };
    const senders = participants("sender", { library: 4, raw: 16 }, create);
    const all = [...senders, ...participants("reader", { library: 2, raw: 3 }, create)];
    await connectAll(all);
    journal.reconnects = 0;

    const startedAt = Date.now();
    const traffic = sendTraffic(senders, all, { messages: MESSAGES, rate: RATE });
    while (service.kills < KILLS) {
      // Each run of the server has traffic before it is killed.
      await within("an acknowledgement", journal.nextAck());
      await new Promise((resolve) => setTimeout(resolve, between(random, 150, 550)));
      await service.kill();
      await service.restart();
    }
    await traffic;
    const figures = { kills: service.kills };
    await expectNothingLost("SIGKILL under traffic", context, all, {
      expected: MESSAGES,
      startedAt,
      figures,
    });
  },
  sized(1_800_000, 180_000),
);
