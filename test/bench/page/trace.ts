/** What the main thread of a page does while something is done to it, by the browser's own trace. */
import type { CDPSession } from "playwright-core";
import * as v from "valibot";

/** Task is one turn of the page's main thread. */
export interface Task {
  /** When it began, ms. */
  readonly at: number;
  /** CPU time, ms; what a neighbour on the machine took does not count. */
  readonly cpu: number;
  /** Events of the keyboard that were handled in it. */
  readonly keys: readonly string[];
}

const Span = v.object({
  name: v.picklist(["RunTask", "EventDispatch"]),
  pid: v.number(),
  tid: v.number(),
  /** Microseconds, all of them. */
  ts: v.number(),
  dur: v.optional(v.number(), 0),
  tdur: v.optional(v.number(), 0),
  args: v.optional(v.object({ data: v.optional(v.object({ type: v.optional(v.string()) })) })),
});
type Span = v.InferOutput<typeof Span>;

const KEY_EVENTS: ReadonlySet<string> = new Set(["keydown", "keypress", "input", "keyup"]);

const CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline"];

/** Does `work` and gives the tasks of the page's main thread meanwhile. */
export async function traced(session: CDPSession, work: () => Promise<unknown>): Promise<Task[]> {
  const spans: Span[] = [];
  const collect = ({ value }: { readonly value: readonly unknown[] }) => {
    for (const event of value) {
      const span = v.safeParse(Span, event);
      if (span.success) spans.push(span.output);
    }
  };
  session.on("Tracing.dataCollected", collect);
  await session.send("Tracing.start", { traceConfig: { includedCategories: CATEGORIES } });
  await work();
  const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
  await session.send("Tracing.end");
  await complete;
  session.off("Tracing.dataCollected", collect);
  return tasksOf(spans);
}

function tasksOf(spans: readonly Span[]): Task[] {
  const main = busiest(spans).sort((a, b) => a.ts - b.ts);
  const events = main.flatMap(({ ts, args }) => {
    const type = args?.data?.type;
    return type !== undefined && KEY_EVENTS.has(type) ? [{ ts, type }] : [];
  });
  return main
    .filter(({ name }) => name === "RunTask")
    .map(({ ts, dur, tdur }) => ({
      at: ts / 1_000,
      cpu: tdur / 1_000,
      keys: events.filter((event) => event.ts >= ts && event.ts <= ts + dur).map(({ type }) => type),
    }));
}

/** The spans of the thread that did the most: other pages of the browser do nothing. */
function busiest(spans: readonly Span[]): Span[] {
  const threads = Map.groupBy(spans, ({ pid, tid }) => `${pid} ${tid}`);
  const work = (thread: readonly Span[]) => thread.reduce((sum, { tdur }) => sum + tdur, 0);
  return [...threads.values()].reduce((most, thread) => (work(thread) > work(most) ? thread : most), []);
}
