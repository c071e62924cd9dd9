import { expect, test } from "vitest";
import { type EventBody, IDEMPOTENCY_MS, type Result } from "../../../src/protocol/index.ts";
import { DEFAULT_CONFIG } from "../../../src/room/config.ts";
import { Log } from "../../../src/room/log.ts";
import { Rules } from "../../../src/room/rules.ts";
import { type Receipt, Sequencer, type Submission } from "../../../src/room/sequencer.ts";
import { NodeStore } from "../../helpers/node-store.ts";

const NOW = 1_700_000_000_000;

/** Run is a sequencer over a store of its own, with what it called back, in order. */
class Run {
  readonly store = new NodeStore();
  readonly reports: string[] = [];
  /** One entry for each result: the id of the command, and the seq or the error code. */
  readonly results: string[] = [];
  log = new Log(this.store);
  sequencer = this.#open();

  submit(
    user: string,
    id: string | undefined,
    body: EventBody | string,
    change: Partial<Submission> = {},
  ): void {
    this.sequencer.submit({
      author: () => ({ user, name: user.toUpperCase() }),
      body: typeof body === "string" ? { type: "message", text: body } : body,
      id,
      isPlain: false,
      since: null,
      onResult: (result) => this.results.push(`${id} ${outcome(result)}`),
      ...change,
    });
  }

  /** Commits one batch and returns the type and seq of its events. */
  commit(now = NOW, readers = 1): string[] {
    return this.sequencer.commit(now, readers).map(({ event }) => `${event.type} ${event.seq}`);
  }

  /** Submits one command, commits it, and returns its result. */
  result(user: string, id: string, body: EventBody | string, now = NOW): string {
    this.submit(user, id, body);
    this.commit(now);
    return this.takeResults().join();
  }

  takeResults(): string[] {
    return this.results.splice(0);
  }

  /** Discards what is in memory, as an eviction does. */
  reopen(): void {
    this.log = new Log(this.store);
    this.sequencer = this.#open();
  }

  #open(): Sequencer {
    return new Sequencer({
      room: "test",
      log: this.log,
      rules: new Rules(this.store, undefined),
      config: { ...DEFAULT_CONFIG, historyLimit: 100_000 },
      report: (event) => this.reports.push(event),
    });
  }
}

function outcome(result: Result<Receipt>): string {
  if (!result.ok) return result.error.code;
  return `${result.value.seq}${result.value.repeated ? " repeated" : ""}`;
}

test("queues commands until the next commit", () => {
  const run = new Run();
  expect([run.sequencer.isDue, run.commit()]).toEqual([false, []]);
  run.submit("ann", "a", "one");
  expect([run.sequencer.isDue, run.results, run.log.head]).toEqual([true, [], 0]);
  expect(run.commit()).toEqual(["message 1"]);
  expect([run.sequencer.isDue, run.commit()]).toEqual([false, []]);
});

test("returns the events of a batch in the order of the commands, with their lines", () => {
  const run = new Run();
  run.submit("ann", "a", "one");
  run.submit("bob", undefined, "two", { isPlain: true });
  const base = { type: "message", at: NOW } as const;
  const one = { ...base, seq: 1, user: "ann", name: "ANN", text: "one" };
  const two = { ...base, seq: 2, user: "bob", name: "BOB", text: "two" };
  const committed = run.sequencer.commit(NOW, 1);
  expect(committed).toMatchObject([
    { event: { ...one, id: "a" }, isPlain: false },
    { event: two, isPlain: true },
  ]);
  // The line is for all users: it has no id.
  expect(committed.map(({ line }) => JSON.parse(line))).toEqual([one, two]);
});

test("calls every onResult before commit returns, in order and after the write", () => {
  const run = new Run();
  const rows: number[] = [];
  const onResult = () => rows.push(run.store.db.isTransaction ? -1 : run.store.table("messages").length);
  run.submit("ann", "a", "one", { onResult });
  run.submit("ann", "b", "two", { onResult });
  run.commit();
  expect(rows).toEqual([2, 2]);
  run.submit("ann", "c", "three");
  run.submit("bob", "d", { type: "delete", target: 1 });
  run.submit("ann", "e", "four");
  run.commit();
  expect(run.results).toEqual(["c 3", "d forbidden", "e 4"]);
});

test("uses the author's name at the time of the commit", () => {
  const run = new Run();
  let name = "Ann";
  run.submit("ann", "a", "one", { author: () => ({ user: "ann", name }) });
  name = "Anna";
  expect(run.sequencer.commit(NOW, 1)).toMatchObject([{ event: { name: "Anna" } }]);
});

test("applies the commands of one batch to each other", () => {
  const run = new Run();
  run.submit("ann", "a", "one");
  run.submit("ann", "b", { type: "edit", target: 1, text: "uno" });
  run.submit("ann", "c", { type: "delete", target: 1 });
  run.submit("bob", "d", { type: "react", target: 1, emoji: "👍", on: true });
  expect(run.commit()).toEqual(["message 1", "edit 2", "delete 3"]);
  expect(run.results).toEqual(["a 1", "b 2", "c 3", "d not_found"]);
});

test("returns the first seq for a repeated command and commits nothing", () => {
  const run = new Run();
  run.submit("ann", "a", "one");
  run.submit("ann", "a", "one");
  expect(run.commit()).toEqual(["message 1"]);
  run.submit("ann", "a", "one");
  expect(run.commit()).toEqual([]);
  expect(run.takeResults()).toEqual(["a 1", "a 1 repeated", "a 1 repeated"]);
  // Ids belong to a user.
  expect(run.result("bob", "a", "one")).toBe("a 2");
});

test("rejects a known id with another body as a conflict, also after an eviction", () => {
  const run = new Run();
  run.result("ann", "a", "one");
  run.result("ann", "b", { type: "message", text: "two", reply: 1 });
  const others: [string, EventBody | string][] = [
    ["a", "other"],
    ["a", { type: "message", text: "one", reply: 2 }],
    ["b", "two"],
    ["a", { type: "edit", target: 1, text: "one" }],
    ["a", { type: "delete", target: 1 }],
    ["a", { type: "react", target: 1, emoji: "👍", on: true }],
  ];
  run.takeResults();
  for (const [id, body] of others) expect(run.result("ann", id, body)).toBe(`${id} conflict`);
  run.reopen();
  for (const [id, body] of others) expect(run.result("ann", id, body)).toBe(`${id} conflict`);
});

test("finds a repeated command before it checks permissions", () => {
  const run = new Run();
  run.result("ann", "a", "one");
  const edit: EventBody = { type: "edit", target: 1, text: "uno" };
  expect(run.result("ann", "b", edit)).toBe("b 2");
  expect(run.result("ann", "c", { type: "delete", target: 1 })).toBe("c 3");
  expect(run.result("ann", "b", edit)).toBe("b 2 repeated");
  expect(run.result("ann", "d", edit)).toBe("d not_found");
});

test("accepts a rejected command later under the same id", () => {
  const run = new Run();
  const reply: EventBody = { type: "message", text: "two", reply: 1 };
  expect(run.result("ann", "b", reply)).toBe("b not_found");
  expect(run.result("ann", "a", "one")).toBe("a 1");
  expect(run.result("ann", "b", reply)).toBe("b 2");
});

test("knows repeated commands for 5 minutes, also after an eviction", () => {
  const run = new Run();
  expect(run.result("ann", "a", "one")).toBe("a 1");
  const later = NOW + IDEMPOTENCY_MS - 1;
  expect(run.result("ann", "a", "one", later)).toBe("a 1 repeated");
  run.reopen();
  expect(run.result("ann", "a", "one", later)).toBe("a 1 repeated");
  run.reopen();
  expect(run.result("ann", "a", "one", NOW + IDEMPOTENCY_MS + 1)).toBe("a 2");
});

test("knows a repeated command after an eviction and 12,000 later events", () => {
  const run = new Run();
  run.result("ann", "first", "one");
  for (let n = 1; n <= 12_000; n += 1) {
    run.submit("ann", `m${n}`, "text");
    if (n % 1_000 === 0) run.commit();
  }
  run.takeResults();
  run.reopen();
  expect(run.result("ann", "first", "one")).toBe("first 1 repeated");
});

test("rejects the commands of a failed transaction as internal, accepts them later", () => {
  const run = new Run();
  run.result("ann", "a", "one");
  run.store.fault = (query) => {
    if (query === "COMMIT") throw new Error("disk full");
  };
  run.submit("ann", "b", "two");
  run.submit("ann", "a", "one");
  run.submit("bob", "c", { type: "delete", target: 1 });
  expect(run.commit()).toEqual([]);
  expect(run.takeResults()).toEqual(["b internal", "a internal", "c internal"]);
  expect([run.reports, run.log.head, run.sequencer.isDue]).toEqual([["commit failed"], 1, false]);
  run.store.fault = undefined;
  expect(run.result("ann", "b", "two")).toBe("b 2");
  expect(run.result("ann", "a", "one")).toBe("a 1 repeated");
});

test("commits long texts in several batches, in order", () => {
  const run = new Run();
  const text = "x".repeat(8_000);
  for (let n = 1; n <= 100; n += 1) run.submit("ann", `${n}`, text);
  const sizes: number[] = [];
  while (run.sequencer.isDue) sizes.push(run.commit().length);
  expect(sizes).toEqual([32, 32, 32, 4]);
  expect(run.results).toEqual(Array.from({ length: 100 }, (_, i) => `${i + 1} ${i + 1}`));
});

test("makes smaller batches for more readers, of at least one command", () => {
  const run = new Run();
  const text = "x".repeat(8_000);
  for (let n = 1; n <= 20; n += 1) run.submit("ann", `${n}`, text);
  expect(run.commit(NOW, 1_000)).toHaveLength(8);
  expect(run.commit(NOW, 100_000)).toHaveLength(1);
});

test("rejects commands beyond eight waiting batches as rate_limited", () => {
  const run = new Run();
  const text = "x".repeat(8_000);
  for (let n = 1; n <= 300; n += 1) run.submit("ann", `${n}`, text);
  const accepted = 300 - run.results.length;
  expect(accepted).toBe(Math.floor((8 * 256 * 1024) / 8_120));
  expect(new Set(run.takeResults().map((result) => result.split(" ")[1]))).toEqual(new Set(["rate_limited"]));
  run.commit();
  run.submit("ann", "later", text);
  expect(run.takeResults()).toHaveLength(32);
});

test("after a rejection for overload, a shorter command cannot overtake it", () => {
  const run = new Run();
  const long = "x".repeat(8_000);
  let ids = 0;
  while (!run.results.some((result) => result.endsWith("rate_limited"))) run.submit("ann", `${ids++}`, long);
  run.takeResults();
  run.submit("ann", "short", "short");
  expect(run.takeResults()).toEqual(["short rate_limited"]);
  run.commit();
  run.takeResults();
  run.submit("ann", "short", "short");
  expect(run.takeResults()).toEqual([]);
});
