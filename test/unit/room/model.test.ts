// The room against a model of the protocol: whatever people do, and whatever happens to the room meanwhile.
import fc from "fast-check";
import { test } from "vitest";
import type { ModelContent } from "../../helpers/model-log.ts";
import { ModelRun } from "../../helpers/model-run.ts";

/** Step is one thing that happens. */
type Step = (run: ModelRun) => void;

const PEOPLE = ["Ann", "Bob", "Cem"];
const TEXTS = ["hi", "two\nlines", "third"];
const EMOJI = ["👍", "🎉"];

const slot = fc.nat({ max: 4 });
const target = fc.nat({ max: 30 });
const id = fc.nat({ max: 12 }).map((n) => `id-${n}`);
const text = fc.constantFrom(...TEXTS);

/** A step, and how a counterexample shows it. */
function step(name: string, ...parts: unknown[]): (work: Step) => Step {
  return (work) => Object.assign(work, { [fc.toStringMethod]: () => `${name}(${parts.join(", ")})` });
}

const point = fc.oneof(
  fc.constantFrom("none", "last", "last", "last", "another log", "beyond"),
  fc.nat({ max: 100 }),
) as fc.Arbitrary<"none" | "last" | "another log" | "beyond" | number>;

/** What a command asks for, once it is known which messages there are. */
const content: fc.Arbitrary<(run: ModelRun) => ModelContent> = fc.oneof(
  { weight: 6, arbitrary: text.map((said) => (): ModelContent => ({ type: "send", text: said })) },
  {
    weight: 1,
    arbitrary: fc.tuple(text, target).map(
      ([said, n]) =>
        (run: ModelRun): ModelContent => ({ type: "send", text: said, reply: run.target(n) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(text, target).map(
      ([said, n]) =>
        (run: ModelRun): ModelContent => ({ type: "edit", text: said, target: run.target(n) }),
    ),
  },
  {
    weight: 1,
    arbitrary: target.map(
      (n) =>
        (run: ModelRun): ModelContent => ({ type: "delete", target: run.target(n) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(...EMOJI), target, fc.boolean()).map(
      ([emoji, n, on]) =>
        (run: ModelRun): ModelContent => ({ type: "react", emoji, target: run.target(n), on }),
    ),
  },
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(slot, fc.constantFrom(...PEOPLE), point, fc.constantFrom(0, 3, 50))
      .map(([at, person, resume, history]) =>
        step("join", at, person, resume, history)((run) => run.join(at, person, resume, history)),
      ),
  },
  { weight: 1, arbitrary: slot.map((at) => step("joinPlain", at)((run) => run.joinPlain(at))) },
  { weight: 2, arbitrary: slot.map((at) => step("leave", at)((run) => run.leave(at))) },
  {
    weight: 24,
    arbitrary: fc
      .tuple(slot, id, content)
      .map(([at, name, asked]) => step("command", at, name)((run) => run.command(at, name, asked(run)))),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(slot, fc.nat()).map(([at, n]) => step("again", at, n)((run) => run.again(at, n))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(slot, fc.constantFrom(...PEOPLE))
      .map(([at, name]) => step("rename", at, name)((run) => run.rename(at, "rename", `${name}2`))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(slot, target, fc.integer({ min: 1, max: 5 }))
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

/** `FC_SEED` and `FC_PATH` replay a run that failed, `FC_RUNS` makes more of them. */
const { FC_SEED, FC_PATH, FC_RUNS } = process.env;

test("whatever happens, everyone hears what the protocol promises, and the log holds it", () => {
  fc.assert(
    fc.property(
      fc.array(steps, { maxLength: 120, size: "max" }),
      fc.constantFrom(3, 8, 10_000),
      (sequence, limit) => {
        const run = new ModelRun(limit);
        for (const happen of sequence) {
          run.room.now += 100;
          happen(run);
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
