// The room, compared with a model of the protocol in random runs.
import fc from "fast-check";
import { test } from "vitest";
import type { ModelBody, ModelClaim } from "../../helpers/model-rules.ts";
import { type JoinOptions, ModelRun, type ResumePoint } from "../../helpers/model-run.ts";

type Step = (run: ModelRun) => void;
type Body = Exclude<ModelBody, ModelClaim>;

const OWNERS = ["Ann", "Bob", "Cem"];
const SECRETS = ["o".repeat(43), "s".repeat(43)];
const PROOF = "p".repeat(43);
const newPassword = { salt: "c".repeat(22), iterations: 600_000, proof: PROOF };
const TEXTS = ["hi", "two\nlines", "third"];
const EMOJI = ["👍", "🎉"];
const DAY_MS = 24 * 3_600_000;

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
const body: fc.Arbitrary<(run: ModelRun) => Body> = fc.oneof(
  { weight: 6, arbitrary: text.map((value) => (): Body => ({ type: "send", text: value })) },
  {
    weight: 1,
    arbitrary: fc.tuple(text, target).map(
      ([value, n]) =>
        (run: ModelRun): Body => ({ type: "send", text: value, reply: run.target(n) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(text, target).map(
      ([value, n]) =>
        (run: ModelRun): Body => ({ type: "edit", text: value, target: run.target(n) }),
    ),
  },
  {
    weight: 1,
    arbitrary: target.map(
      (n) =>
        (run: ModelRun): Body => ({ type: "delete", target: run.target(n) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(...EMOJI), target, fc.boolean()).map(
      ([emoji, n, on]) =>
        (run: ModelRun): Body => ({ type: "react", emoji, target: run.target(n), on }),
    ),
  },
);

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const defined = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
const rarely = fc.constantFrom(false, false, true);
const duration = maybe(fc.constantFrom(0, 500, 60_000, 3_600_000));
const reason = maybe(fc.constantFrom("caps", "spam"));
const entry = fc.constantFrom("open", "open", "knock", "password");

/** The body of a settings command: one change or several. */
const settings: fc.Arbitrary<Body> = fc
  .record(
    {
      title: fc.constantFrom("", "Tea"),
      topic: fc.constantFrom("", "green"),
      slowMode: fc.constantFrom(0, 0, 1_000, 30_000, 3_600_000),
      readOnly: rarely,
      locked: rarely,
      closed: rarely,
      entry,
      newPassword: fc.constant(newPassword),
    },
    { requiredKeys: [] },
  )
  .map((changes) => ({ type: "settings", ...changes }) as Body);

/** The body of a command about a member, for the member's user id. */
const aboutMember = fc.oneof(
  fc.constantFrom("moderator" as const, "moderator" as const, "member" as const).map(
    (role) =>
      (member: string): Body => ({ type: "role", member, role }),
  ),
  fc.record({ duration, reason }).map(
    (fields) =>
      (member: string): Body => ({ type: "mute", member, ...defined(fields) }),
  ),
  fc.record({ duration, reason, network: maybe(fc.constant(true as const)) }).map(
    (fields) =>
      (member: string): Body => ({ type: "ban", member, ...defined(fields) }),
  ),
  fc.record({ reason }).map(
    (fields) =>
      (member: string): Body => ({ type: "remove", member, ...defined(fields) }),
  ),
  fc.constantFrom(true, true, false).map(
    (on) =>
      (member: string): Body => ({ type: "admit", member, on }),
  ),
);

/** The body of a command of an owner or a moderator. */
const moderation: fc.Arbitrary<(run: ModelRun) => Body> = fc.oneof(
  { weight: 4, arbitrary: settings.map((value) => () => value) },
  {
    weight: 12,
    arbitrary: fc.tuple(aboutMember, fc.constantFrom(...OWNERS)).map(
      ([make, name]) =>
        (run: ModelRun) =>
          make(run.userOf(name)),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(target, fc.boolean()).map(
      ([n, on]) =>
        (run: ModelRun): Body => ({ type: "pin", target: run.target(n), on }),
    ),
  },
  {
    weight: 2,
    arbitrary: target.map(
      (n) =>
        (run: ModelRun): Body => ({ type: "delete", target: run.target(n) }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...SECRETS).map((secret) => (): Body => ({ type: "owner", secret })),
  },
  { weight: 1, arbitrary: fc.constant((): Body => ({ type: "wipe" })) },
);

/** Steps about ownership: for rooms that somebody claims. */
const ownerSteps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc
      .tuple(device, fc.constantFrom(...OWNERS), fc.constantFrom(...SECRETS, "x".repeat(43)), fc.boolean())
      .map(([at, owner, secret, creates]) =>
        step(
          "join with a secret",
          at,
          owner,
          secret[0],
          creates,
        )((run) =>
          run.join(at, owner, { ...NEW, claim: { secret, ...(creates && { create: { title: "Tea" } }) } }),
        ),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(device, fc.constantFrom(...OWNERS))
      .map(([at, owner]) =>
        step("join with the password", at, owner)((run) => run.join(at, owner, { ...NEW, password: PROOF })),
      ),
  },
  {
    weight: 14,
    arbitrary: fc
      .tuple(fc.nat({ max: 40 }), fc.nat({ max: 60 }), moderation)
      .map(([n, name, make]) =>
        step("moderate", n, name)((run) => run.command(run.staffDevice(n), `m-${name}`, make(run))),
      ),
  },
);
const NEW: JoinOptions = { resume: "last", history: 3 };

/** Steps of every room. @param fails - the store fails at times */
const steps = (fails: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(device, fc.constantFrom(...OWNERS), point, fc.constantFrom(0, 3, 50))
        .map(([at, owner, resume, history]) =>
          step("join", at, owner, resume, history)((run) => run.join(at, owner, { resume, history })),
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
      arbitrary: fc
        .tuple(device, fc.nat())
        .map(([at, n]) => step("repeat", at, n)((run) => run.repeat(at, n))),
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
      weight: fails ? 1 : 0,
      arbitrary: fc.integer({ min: 1, max: 20 }).map((n) => step("fail", n)((run) => run.flush(n))),
    },
    { weight: 2, arbitrary: fc.constant(step("hibernate")((run) => run.hibernate())) },
    { weight: 1, arbitrary: fc.constant(step("crash")((run) => run.crash())) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(1, 500, 60_000, 299_000, 301_000)
        .map((ms) => step("wait", ms)((run) => run.wait(ms))),
    },
  );

/** `FC_SEED` and `FC_PATH` replay a failed run, `FC_RUNS` sets the number of runs. */
const { FC_SEED, FC_PATH, FC_RUNS } = process.env;

/** Compares the room with the model in random runs of these steps. */
function compare(arbitrary: fc.Arbitrary<Step>, begin: Step): void {
  fc.assert(
    fc.property(
      fc.array(arbitrary, { maxLength: 120, size: "max" }),
      fc.constantFrom(3, 8, 10_000),
      (sequence, limit) => {
        const run = new ModelRun(limit);
        begin(run);
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
}

test("sends and stores what the protocol describes, in random runs", () => {
  compare(steps(true), () => {});
}, 120_000);

test("a message that slow mode rejects after a wipe can equal one of the old log", () => {
  const run = new ModelRun(10_000);
  const [secret = ""] = SECRETS;
  run.join(0, "Ann", { ...NEW, claim: { secret, create: { entry: "open" } } });
  run.join(1, "Bob", NEW);
  run.flush();
  run.command(1, "id-1", { type: "send", text: "hi" });
  run.command(0, "m-1", { type: "settings", slowMode: 30_000 });
  // After these, the room does not know any more that Bob has written.
  run.wait(60_000);
  run.hibernate();
  run.join(1, "Bob", NEW);
  run.command(0, "m-2", { type: "wipe" });
  run.command(1, "id-1", { type: "send", text: "hi" });
  run.checkLog();
});

test("slow mode does not know a message that was wiped before the room read its log again", () => {
  const run = new ModelRun(10_000);
  const [secret = ""] = SECRETS;
  run.join(0, "Ann", { ...NEW, claim: { secret, create: { entry: "open" } } });
  run.join(1, "Bob", NEW);
  run.wait(30_000);
  run.command(1, "id-1", { type: "send", text: "hi" });
  run.hibernate();
  run.command(0, "m-1", { type: "wipe" });
  run.command(0, "m-2", { type: "settings", slowMode: 30_000 });
  run.command(1, "id-2", { type: "send", text: "hi" });
  run.checkLog();
});

/** Long waits, for a room that keeps its events for a day. */
const dayStep = fc
  .constantFrom(11 * 60_000, DAY_MS / 2, DAY_MS, 3 * DAY_MS)
  .map((ms) => step("wait", ms)((run) => run.wait(ms)));

test("a room that keeps its events for a day does what the protocol describes, in random runs", () => {
  const others = fc.oneof({ weight: 12, arbitrary: steps(false) }, { weight: 1, arbitrary: dayStep });
  compare(others, (run) => {
    const [secret = ""] = SECRETS;
    run.join(0, "Ann", { ...NEW, claim: { secret, create: { entry: "open" } } });
    run.flush();
    run.command(0, "k", { type: "settings", retention: "day" });
  });
}, 120_000);

test("a room with an owner does what the protocol describes, in random runs", () => {
  compare(fc.oneof({ weight: 3, arbitrary: steps(true) }, { weight: 2, arbitrary: ownerSteps }), (run) => {
    const [secret = ""] = SECRETS;
    run.join(0, "Ann", { ...NEW, claim: { secret, create: { entry: "open" } } });
  });
}, 120_000);
