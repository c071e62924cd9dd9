// Clients that resume on a relay wait until it has everything that was committed when they came.
import { expect, test } from "vitest";
import { CatchUps } from "../../../src/relay/catch-ups.ts";

/** Returns catch-ups of which the room answers each question for its head with the next of `heads`. */
function catchUps() {
  const answers: ((head: number) => void)[] = [];
  const done: string[] = [];
  const waiting = new CatchUps({
    head: () => new Promise((resolve) => answers.push(resolve)),
    onFailed: () => {},
    onChange: () => {},
  });
  return {
    waiting,
    done,
    add: (name: string) => waiting.add(() => done.push(name)),
    async answer(head: number) {
      answers.shift()?.(head);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("a client that comes after the room was asked waits for another answer", async () => {
  const { waiting, done, add, answer } = catchUps();
  add("early");
  add("late");
  await answer(1);
  waiting.settle(1);
  expect(done).toEqual(["early"]);
  await answer(2);
  waiting.settle(1);
  expect(done).toEqual(["early"]);
  waiting.settle(2);
  expect(done).toEqual(["early", "late"]);
});

test("the answer to an attach counts only for clients that came before it", () => {
  const { waiting, done, add } = catchUps();
  add("early");
  const attached = waiting.asking();
  add("late");
  attached(1);
  waiting.settle(1);
  expect(done).toEqual(["early"]);
});
