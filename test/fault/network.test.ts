// The network fails while participants send: connections are cut within a frame and become half-open.
import { test } from "vitest";
import { FaultyNetwork } from "./faulty-network.ts";
import { Journal } from "./journal.ts";
import { LibraryParticipant, skewedClock } from "./library-participant.ts";
import { between, seeded } from "./random.ts";
import { RawParticipant } from "./raw-participant.ts";
import { addressesOf, RestartableService } from "./restartable-service.ts";
import { sized } from "./size.ts";
import { connectAll, expectNothingLost, participants, sendTraffic } from "./traffic.ts";

const MESSAGES = sized(20_000, 1_500);
const FAULTS = sized(200, 15);
const RATE = 600;

test(
  "a network that delays, cuts and half-opens connections loses nothing",
  async () => {
    await using service = await RestartableService.start();
    const random = seeded("network");
    using network = await FaultyNetwork.to(service.port, random);
    const context = {
      socket: addressesOf(network.url, "network").socket,
      messages: addressesOf(service.url, "network").messages,
      journal: new Journal(),
    };
    // A client takes up to 35 s to find a dead connection; its clock runs four times as fast here.
    const clock = skewedClock(0, 4);
    const create = {
      library: (name: string) => new LibraryParticipant(name, context, { clock, random }),
      raw: (name: string) => new RawParticipant(name, context, seeded(name)),
    };
    const senders = participants("sender", { library: 4, raw: 6 }, create);
    const all = [...senders, ...participants("reader", { library: 2, raw: 3 }, create)];
    await connectAll(all);

    const startedAt = Date.now();
    const traffic = sendTraffic(senders, all, { messages: MESSAGES, rate: RATE });
    const intervalMs = (MESSAGES / RATE / FAULTS) * 1000;
    for (let n = 0; n < FAULTS; n += 1) {
      const pauseMs = between(random, intervalMs / 2, intervalMs * 1.5);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      network.breakLink();
    }
    await traffic;
    const figures = Object.fromEntries(network.faults);
    await expectNothingLost("A faulty network", context, all, { expected: MESSAGES, startedAt, figures });
  },
  sized(1_800_000, 180_000),
);
