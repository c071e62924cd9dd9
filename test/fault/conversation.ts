// A conversation: senders who go on at their pace whatever happens to the service, and readers who must hear all.
import type { Said } from "./journal.ts";
import { readLog } from "./log-reader.ts";
import type { Member } from "./member.ts";

export interface Pace {
  /** Messages of all senders together. */
  readonly messages: number;
  /** Messages a second of all senders together. */
  readonly rate: number;
  /** Sends without an answer at which a sender waits. */
  readonly window?: number;
}

/** How often senders come to say something, ms. */
const TICK_MS = 20;
/** Time in which nobody makes any progress, ms, after which the conversation is given up. */
const STANDSTILL_MS = 60_000;

/** Resolves once each of `members` has been welcomed. */
export async function joined(members: readonly Member[]): Promise<void> {
  for (const member of members) member.connect();
  await progress(() => members.filter(({ last }) => last === undefined).length);
}

/**
 * Lets the senders say what they have to say. Resolves once every send is answered and every member has
 * heard all, or once nothing moves any more: the checker then finds what is missing.
 *
 * @param known - sends of before that are in the log already
 */
export async function converse(
  senders: readonly Member[],
  members: readonly Member[],
  { messages, rate, window = 64 }: Pace,
  known = 0,
): Promise<void> {
  const said = new Map<Member, number>();
  const quota = Math.ceil(messages / senders.length);
  const perTick = (rate / senders.length) * (TICK_MS / 1000);
  let credit = 0;
  const talking = setInterval(() => {
    credit = Math.min(credit + perTick, 4 * perTick + 1);
    const now = Math.floor(credit);
    credit -= now;
    for (const sender of senders) {
      for (let n = 0; n < now; n += 1) {
        const count = said.get(sender) ?? 0;
        if (count >= quota || sender.pending >= window) break;
        said.set(sender, count + 1);
        sender.send(`${sender.name} says ${count + 1}`);
      }
    }
  }, TICK_MS);
  try {
    await progress(() => {
      const unsaid = senders.reduce((sum, sender) => sum + quota - (said.get(sender) ?? 0), 0);
      const pending = senders.reduce((sum, sender) => sum + sender.pending, 0);
      const unheard = members.reduce(
        (sum, { last = 0 }) => sum + Math.max(0, known + quota * senders.length - last),
        0,
      );
      return unsaid + pending + unheard;
    });
  } finally {
    clearInterval(talking);
  }
}

/** The log from its first event on. */
export async function wholeLog(messages: URL): Promise<Said[]> {
  const log = await readLog(messages);
  if (log === "pruned") throw new Error("the log was pruned: set HISTORY_LIMIT higher");
  return log;
}

/** Resolves once `left` gives 0, or has not changed for too long. */
async function progress(left: () => number): Promise<void> {
  let before = left();
  let since = Date.now();
  while (before > 0 && Date.now() - since < STANDSTILL_MS) {
    await new Promise((look) => setTimeout(look, 50));
    const now = left();
    if (now !== before) since = Date.now();
    before = now;
  }
}
