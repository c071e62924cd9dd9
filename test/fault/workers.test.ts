// Processes of a service with workers are killed one at a time while participants send: no acknowledged message may
// be lost, and no reader may miss one.
import { expect, test } from "vitest";
import { killRuntime, runtimesOf } from "../helpers/runtimes.ts";
import { startServe } from "../helpers/service.ts";
import { poll, within } from "../helpers/wait.ts";
import { Journal } from "./journal.ts";
import { LibraryParticipant } from "./library-participant.ts";
import { between, seeded } from "./random.ts";
import { RawParticipant } from "./raw-participant.ts";
import { addressesOf } from "./restartable-service.ts";
import { sized } from "./size.ts";
import { connectAll, expectNothingLost, participants, sendTraffic } from "./traffic.ts";

const MESSAGES = sized(40_000, 2_000);
const RATE = 1_000;
/** The sequencer is 0. Each further end of a process doubles the pause before it starts again. */
const KILLED = sized([1, 0, 2, 0, 1, 2, 0, 2, 1, 0], [1, 0, 2]);

test.runIf(process.platform === "linux")(
  "a worker or the sequencer that is killed loses, duplicates and reorders nothing for any reader",
  async () => {
    const vars = { MESSAGE_RATE: "0", HISTORY_LIMIT: "1000000" };
    const service = await startServe({ vars, args: ["--workers", "2"] });
    try {
      const journal = new Journal();
      const context = { ...addressesOf(service.url, "workers"), journal };
      const random = seeded("workers");
      const create = {
        // The client's back-off is for long outages; here it would take most of the run.
        library: (name: string) => new LibraryParticipant(name, context, { random: () => random() * 0.05 }),
        raw: (name: string) => new RawParticipant(name, context, seeded(name)),
      };
      const senders = participants("sender", { library: 2, raw: 8 }, create);
      const all = [...senders, ...participants("reader", { library: 1, raw: 5 }, create)];
      await connectAll(all);
      journal.reconnects = 0;

      const startedAt = Date.now();
      const traffic = sendTraffic(senders, all, { messages: MESSAGES, rate: RATE });
      for (const worker of KILLED) {
        await poll("all processes to run", async () => runtimesOf(service.pid).length === 3);
        await within("an acknowledgement", journal.nextAck());
        await new Promise((resolve) => setTimeout(resolve, between(random, 150, 450)));
        await killRuntime(service.pid, worker);
      }
      await traffic;
      expect(service.output().match(/the runtime ended/g)).toHaveLength(KILLED.length);
      const figures = { kills: KILLED.length };
      await expectNothingLost("SIGKILL of workers and of their sequencer", context, all, {
        expected: MESSAGES,
        startedAt,
        figures,
      });
    } finally {
      await service.kill();
    }
  },
);
