// The server is killed between a send and its ok. Whether the message was stored or not, sending it again must
// result in one message with one seq.
import { expect, test } from "vitest";
import { parseServerLine } from "../../src/protocol/server-lines.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { wholeLog } from "./log-reader.ts";
import { keyOf } from "./participant.ts";
import { seeded } from "./random.ts";
import { addressesOf, RestartableService } from "./restartable-service.ts";
import { report, sized } from "./size.ts";

const KILLS = sized(50, 4);
/** Rooms with one sender each. Every kill is one trial per room. */
const ROOMS = ["ada", "ben", "cem", "dot"];
/** Messages per trial, one frame each, so that the kill falls between them. */
const BURST = 20;

const key = keyOf("sender");

/** Number of sends by outcome. */
const outcomes = { acked: 0, stored: 0, neither: 0 };

/** Sends a burst. Returns a function that sends it again after the kill, and counts what was stored before. */
async function trial(socket: URL, number: number, seqs: Map<string, number>): Promise<() => Promise<number>> {
  const before = await openChat(socket, { hello: { key, history: 0 } });
  const sends = Array.from({ length: BURST }, (_, n) => {
    return { type: "send", id: `${number}-${n}`, text: `trial ${number}, message ${n}` } as const;
  });
  for (const command of sends) before.command(command);

  return async () => {
    await before.closed;
    const oks = before.heard.map(parseServerLine).filter((line) => line?.type === "ok");
    const { epoch, seq } = before.welcome;
    const after = await openChat(socket, { hello: { key, resume: { epoch, seq } } });
    expect(after.welcome.resumed).toBe(true);
    const stored = new Map(after.welcome.events.map((event) => ["id" in event ? event.id : "", event.seq]));
    for (const ok of oks)
      expect(stored.get(ok.id), `${ok.id} was acknowledged and is in the log`).toBe(ok.seq);
    after.command(...sends);
    for (const { id } of sends) {
      const ok = await after.next("ok");
      expect(ok.id).toBe(id);
      expect(stored.get(id) ?? ok.seq, `${id} has one seq`).toBe(ok.seq);
      seqs.set(id, ok.seq ?? 0);
    }
    await after.close();
    outcomes.acked += oks.length;
    outcomes.stored += stored.size - oks.length;
    outcomes.neither += BURST - stored.size;
    return stored.size;
  };
}

async function sendFirst(socket: URL): Promise<void> {
  const chat = await openChat(socket, { hello: { key } });
  chat.command({ type: "send", id: "first", text: "the first message" });
  await chat.next("ok");
  await chat.close();
}

test(
  "a message sent before a kill and again after it keeps its seq",
  async () => {
    await using service = await RestartableService.start();
    const rooms = ROOMS.map((room) => ({
      ...addressesOf(service.url, room),
      seqs: new Map<string, number>(),
    }));
    // The epoch of a room is stored with its first event; without one, a resume after a kill is refused.
    await Promise.all(rooms.map(({ socket }) => sendFirst(socket)));
    const random = seeded("kill before ok");
    // Adapts to the speed of the machine, so that about half of a burst is stored before the kill.
    let maxMs = 20;
    for (let number = 0; number < KILLS; number += 1) {
      const trials = await Promise.all(rooms.map(({ socket, seqs }) => trial(socket, number, seqs)));
      await new Promise((resolve) => setTimeout(resolve, random() * maxMs));
      await service.kill();
      await service.restart();
      const stored = await Promise.all(trials.map((resend) => resend()));
      const share = stored.reduce((sum, count) => sum + count, 0) / (BURST * ROOMS.length);
      maxMs *= share > 0.5 ? 0.8 : 1.25;
    }

    for (const { messages, seqs } of rooms) {
      const log = await wholeLog(messages);
      expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 1 + KILLS * BURST }, (_, n) => n + 1));
      const seqOf = new Map(log.map(({ text, seq }) => [text, seq]));
      for (const [id, seq] of seqs) {
        const [number, n] = id.split("-");
        expect(seqOf.get(`trial ${number}, message ${n}`)).toBe(seq);
      }
      expect(seqOf.size).toBe(1 + KILLS * BURST);
    }
    report("SIGKILL between send and ok", {
      kills: KILLS,
      trials: KILLS * ROOMS.length,
      "sends acknowledged before the kill": outcomes.acked,
      "stored without an ok": outcomes.stored,
      neither: outcomes.neither,
    });
  },
  sized(1_800_000, 180_000),
);
