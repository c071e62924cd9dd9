// Reads the log over the HTTP API, to fill gaps and for the check at the end.
import * as v from "valibot";
import { type LoggedMessage, loggedText } from "./journal.ts";

const Page = v.object({
  events: v.array(
    v.pipe(
      v.looseObject({ seq: v.number(), user: v.string() }),
      v.transform((event) => ({ seq: event.seq, user: event.user, text: loggedText(event) })),
    ),
  ),
  more: v.boolean(),
});

/** Time for one answer, ms. */
const ANSWER_MS = 10_000;
const RETRY_MS = 50;

/**
 * Returns the events after `after`, up to `upTo` or the log's head. Retries while the service is down or limits reads.
 * Returns `"pruned"` if some of the events are gone.
 *
 * @param messages - address of the room's messages
 * @param key - the reader's key, for a room that not everyone may enter
 */
export async function readLog(
  messages: URL,
  after = 0,
  upTo = Number.POSITIVE_INFINITY,
  key?: string,
): Promise<LoggedMessage[] | "pruned"> {
  const log: LoggedMessage[] = [];
  for (;;) {
    const from = log.at(-1)?.seq ?? after;
    if (from >= upTo) return log;
    const page = await fetchPage(new URL(`?after=${from}&limit=100`, messages), key);
    if (page === "pruned") return page;
    log.push(...page.events.filter(({ seq }) => seq <= upTo));
    if (!page.more) return log;
  }
}

/** Returns the whole log. Rejects if its beginning was pruned. */
export async function wholeLog(messages: URL): Promise<LoggedMessage[]> {
  const log = await readLog(messages);
  if (log === "pruned") throw new Error("the log was pruned: set HISTORY_LIMIT higher");
  return log;
}

async function fetchPage(url: URL, key: string | undefined): Promise<v.InferOutput<typeof Page> | "pruned"> {
  for (;;) {
    try {
      const headers: Record<string, string> = key === undefined ? {} : { Authorization: `Bearer ${key}` };
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.status === 410) return "pruned";
      if (answer.status === 503) throw new Error("the room is not available");
      if (answer.status !== 429) return v.parse(Page, await answer.json());
      const seconds = Number(answer.headers.get("Retry-After"));
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    } catch (error) {
      if (v.isValiError(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
