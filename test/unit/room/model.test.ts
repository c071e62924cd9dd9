// The room, compared with a model of the protocol in random runs.
import fc from "fast-check";
import { test } from "vitest";
import type { ModelBody } from "../../helpers/model-log.ts";
import { ModelRun, type ResumePoint } from "../../helpers/model-run.ts";

type Step = (run: ModelRun) => void;

const OWNERS = ["Ann", "Bob", "Cem"];
const TEXTS = ["hi", "two\nlines", "third"];
const EMOJI = ["👍", "🎉"];

const device = fc.nat({ max: 4 });
const target = fc.nat({ max: 30 });
const id = fc.nat({ max: 12 }).map((n) => `id-${n}`);
const text = fc.constantFrom(...TEXTS);

/** Returns a function that gives a step its text in a counterexample. */
function step(name: string, ...parts: unknown[]): (work: Step) => Step {
  return (work) => Object.assign(work, { [fc.toStringMethod]: () => `${name}(${parts.join(", ")})` });
}

const point: fc.Arbitrary<ResumePoint> = fc.oneof(
  fc.constantFrom("none", "last", "last", "last", "other epoch", "beyond"),
  fc.nat({ max: 100 }),
);

/** The body of a log command. Its target depends on the messages that exist. */
const body: fc.Arbitrary<(run: ModelRun) => ModelBody> = fc.oneof(
  { weight: 6, arbitrary: text.map((value) => (): ModelBody => ({ type: "send", text: value })) },
  {
    weight: 1,
    arbitrary: fc.tuple(text, target).map(
      ([value, n]) =>
        (run: ModelRun): ModelBody => ({ type: "send", text: value, reply: run.target(n) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(text, target).map(
      ([value, n]) =>
        (run: ModelRun): ModelBody => ({ type: "edit", text: value, target: run.target(n) }),
    ),
  },
  {
    weight: 1,
    arbitrary: target.map(
      (n) =>
        (run: ModelRun): ModelBody => ({ type: "delete", target: run.target(n) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(...EMOJI), target, fc.boolean()).map(
      ([emoji, n, on]) =>
        (run: ModelRun): ModelBody => ({ type: "react", emoji, target: run.target(n), on }),
    ),
  },
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(device, fc.constantFrom(...OWNERS), point, fc.constantFrom(0, 3, 50))
      .map(([at, owner, resume, history]) =>
        step("join", at, owner, resume, history)((run) => run.join(at, owner, resume, history)),
      ),
  },
  { weight: 1, arbitrary: device.map((at) => step("joinPlain", at)((run) => run.joinPlain(at))) },
  { weight: 2, arbitrary: device.map((at) => step("leave", at)((run) => run.leave(at))) },
  {
    weight: 24,
    arbitrary: fc
      .tuple(device, id, body)
      .map(([at, name, make]) => step("command", at, name)((run) => run.command(at, name, make(run)))),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(device, fc.nat()).map(([at, n]) => step("repeat", at, n)((run) => run.repeat(at, n))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(device, fc.constantFrom(...OWNERS))
      .map(([at, name]) => step("rename", at, name)((run) => run.rename(at, "rename", `${name}2`))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(device, target, fc.integer({ min: 1, max: 5 }))
      .map(([at, before, limit]) =>
        step("history", at, before, limit)((run) => run.history(at, before + 1, limit)),
      ),
  },
  { weight: 12, arbitrary: fc.constant(step("flush")((run) => run.flush())) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 20 }).map((n) => step("fail", n)((run) => run.flush(n))),
  },
  { weight: 2, arbitrary: fc.constant(step("hibernate")((run) => run.hibernate())) },
  { weight: 1, arbitrary: fc.constant(step("crash")((run) => run.crash())) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(1, 60_000, 299_000, 301_000).map((ms) =>
      step(
        "wait",
        ms,
      )((run) => {
        run.room.now += ms;
      }),
    ),
  },
);

/** `FC_SEED` and `FC_PATH` replay a failed run, `FC_RUNS` sets the number of runs. */
const { FC_SEED, FC_PATH, FC_RUNS } = process.env;

test("sends and stores what the protocol describes, in random runs", () => {
  fc.assert(
    fc.property(
      fc.array(steps, { maxLength: 120, size: "max" }),
      fc.constantFrom(3, 8, 10_000),
      (sequence, limit) => {
        const run = new ModelRun(limit);
        for (const apply of sequence) {
          run.room.now += 100;
          apply(run);
        }
        run.checkLog();
      },
    ),
    {
      numRuns: Number(FC_RUNS ?? 200),
      ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }),
      ...(FC_PATH !== undefined && { path: FC_PATH }),
    },
  );
}, 120_000);
