// The log as the HTTP API tells it: for what a refused resume leaves out, and for the check at the end.
import * as v from "valibot";
import type { Said } from "./journal.ts";

const Page = v.object({
  events: v.array(v.object({ seq: v.number(), user: v.string(), text: v.optional(v.string(), "") })),
  more: v.boolean(),
});

/** Time for one answer, ms; a service that is down refuses sooner. */
const ANSWER_MS = 10_000;

/**
 * Every event after `after`, up to `upTo` or to the log's head; asked again for as long as the service is
 * down. `"pruned"` where some of them are gone.
 *
 * @param messages - address of the room's messages
 */
export async function readLog(
  messages: URL,
  after = 0,
  upTo = Number.POSITIVE_INFINITY,
): Promise<Said[] | "pruned"> {
  const said: Said[] = [];
  for (;;) {
    const from = said.at(-1)?.seq ?? after;
    if (from >= upTo) return said;
    const page = await answered(new URL(`?after=${from}&limit=100`, messages));
    if (page === "pruned") return page;
    said.push(...page.events.filter(({ seq }) => seq <= upTo));
    if (!page.more) return said;
  }
}

async function answered(url: URL): Promise<v.InferOutput<typeof Page> | "pruned"> {
  for (;;) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.status === 410) return "pruned";
      return v.parse(Page, await answer.json());
    } catch (error) {
      if (v.isValiError(error)) throw error;
      await new Promise((retry) => setTimeout(retry, 50));
    }
  }
}
