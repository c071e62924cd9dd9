// The server is killed between a send and its ok: whether the message came through or not, sending it again
// must give one message, under one seq.
import { expect, test } from "vitest";
import { parseServerLine } from "../../src/protocol/events.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { wholeLog } from "./conversation.ts";
import { keyOf } from "./member.ts";
import { addressesOf, MortalService } from "./mortal-service.ts";
import { seeded } from "./random.ts";
import { report, sized } from "./size.ts";

const TRIALS = sized(200, 4);
/** Messages of one trial, a frame each, so that the kill falls among them. */
const BURST = 20;

test(
  "what was sent before a kill and is sent again after it is one message, under the seq that it had",
  async () => {
    await using service = await MortalService.start();
    const { socket, messages } = addressesOf(service.url, "kill-before-ok");
    const random = seeded("kill before ok");
    const key = keyOf("sender");
    const expected = new Map<string, number>();
    // Kept about where half of a burst comes through, however fast the machine is.
    let mostMs = 20;
    const outcomes = { acked: 0, stored: 0, lost: 0 };

    for (let trial = 0; trial < TRIALS; trial += 1) {
      const before = await openChat(socket, { hello: { key, history: 0 } });
      const sends = Array.from({ length: BURST }, (_, n) => ({
        ...{ type: "send" as const, id: `${trial}-${n}`, text: `trial ${trial}, message ${n}` },
      }));
      for (const command of sends) before.command(command);
      await new Promise((kill) => setTimeout(kill, random() * mostMs));
      await service.kill();
      await before.closed;
      const oks = before.heard.map(parseServerLine).filter((line) => line?.type === "ok");
      for (const { id, seq = 0 } of oks) expected.set(id, seq);
      await service.restart();

      const resume = { epoch: before.welcome.epoch, seq: before.welcome.seq };
      const after = await openChat(socket, { hello: { key, resume } });
      expect(after.welcome.resumed).toBe(true);
      const stored = new Map(after.welcome.events.map(({ id = "", seq }) => [id, seq]));
      for (const { id, seq } of oks) expect(stored.get(id), `${id}, acknowledged, is in the log`).toBe(seq);
      for (const [id, seq] of stored) expected.set(id, seq);
      mostMs *= stored.size > BURST / 2 ? 0.8 : 1.25;
      outcomes.acked += oks.length;
      outcomes.stored += stored.size - oks.length;
      outcomes.lost += BURST - stored.size;
      after.command(...sends);
      for (const { id } of sends) {
        const ok = await after.next("ok");
        expect(ok.id).toBe(id);
        expect(expected.get(id) ?? ok.seq, `${id} has one seq`).toBe(ok.seq);
        expected.set(id, ok.seq ?? 0);
      }
      await after.close();
    }

    const log = await wholeLog(messages);
    report("SIGKILL between send and ok", {
      trials: TRIALS,
      "sends acknowledged before the kill": outcomes.acked,
      "stored without an ok": outcomes.stored,
      neither: outcomes.lost,
      "messages in the log": log.length,
    });
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: TRIALS * BURST }, (_, n) => n + 1));
    const seqOf = new Map(log.map(({ text, seq }) => [text, seq]));
    for (const [id, seq] of expected) {
      const [trial, n] = id.split("-");
      expect(seqOf.get(`trial ${trial}, message ${n}`)).toBe(seq);
    }
    expect(seqOf.size).toBe(TRIALS * BURST);
  },
  sized(1_800_000, 120_000),
);
