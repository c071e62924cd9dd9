/** What a browser does while something is done to its page, by its own trace. */
import type { CDPSession } from "playwright-core";
import * as v from "valibot";

/** Task is one turn of the page's main thread. */
export interface Task {
  /** When it began, ms. */
  readonly at: number;
  /** CPU time, ms; what a neighbour on the machine took does not count. */
  readonly cpu: number;
  /** Keys that went down in it. */
  readonly keysDown: number;
  /** CPU time that it took to handle what keys did, ms: less than all of it where a frame is made in the same task. */
  readonly handling: number;
}

/** What the trace tells. */
export interface Traced {
  /** Turns of the page's main thread. */
  readonly tasks: readonly Task[];
  /** From one frame that the browser showed to the next, ms. */
  readonly shown: readonly number[];
}

const TASK = "ThreadControllerImpl::RunTask";
const INPUT = "WebFrameWidgetImpl::HandleInputEvent";
const SHOWN = "Display::DrawAndSwap";

const Span = v.object({
  name: v.picklist([TASK, INPUT, SHOWN]),
  pid: v.number(),
  tid: v.number(),
  /** Microseconds, all of them. */
  ts: v.number(),
  dur: v.optional(v.number(), 0),
  tdur: v.optional(v.number(), 0),
  args: v.optional(v.object({ type: v.optional(v.string()) })),
});
type Span = v.InferOutput<typeof Span>;

/** A key that types goes down as `KeyDown`, any other one as `RawKeyDown`. */
const KEY_DOWNS: ReadonlySet<string | undefined> = new Set(["KeyDown", "RawKeyDown"]);
const KEY_INPUTS: ReadonlySet<string | undefined> = new Set([...KEY_DOWNS, "Char", "KeyUp"]);

/** The fewest that tell of tasks, input and frames. Those of the developer tools count all elements of the page for each frame. */
const CATEGORIES = ["toplevel", "input", "viz"];

/** Does `work` and tells what the browser does meanwhile, which has no other page to show. */
export async function traced(session: CDPSession, work: () => Promise<unknown>): Promise<Traced> {
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
  return { tasks: tasksOf(spans), shown: lengthsOf(spans) };
}

function lengthsOf(spans: readonly Span[]): number[] {
  const times = spans.filter(({ name }) => name === SHOWN).map(({ ts }) => ts / 1_000);
  const sorted = Float64Array.from(times).sort();
  return Array.from(sorted.subarray(1), (time, index) => time - (sorted[index] ?? time));
}

function tasksOf(spans: readonly Span[]): Task[] {
  const main = mainThread(spans).sort((a, b) => a.ts - b.ts);
  const inputs = main.filter(({ name, args }) => name === INPUT && KEY_INPUTS.has(args?.type));
  return main
    .filter(({ name }) => name === TASK)
    .map(({ ts, dur, tdur }) => {
      const own = inputs.filter((input) => input.ts >= ts && input.ts <= ts + dur);
      return {
        at: ts / 1_000,
        cpu: tdur / 1_000,
        keysDown: own.filter(({ args }) => KEY_DOWNS.has(args?.type)).length,
        handling: own.reduce((sum, input) => sum + input.tdur, 0) / 1_000,
      };
    });
}

/** The spans of the thread that input comes to: on a fast CPU, the one that puts frames together may do more. */
function mainThread(spans: readonly Span[]): Span[] {
  const threads = Map.groupBy(spans, ({ pid, tid }) => `${pid} ${tid}`);
  const inputs = (thread: readonly Span[]) => thread.filter(({ name }) => name === INPUT).length;
  return [...threads.values()].reduce((most, thread) => (inputs(thread) > inputs(most) ? thread : most), []);
}
