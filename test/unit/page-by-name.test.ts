// Holds in which order people are listed.
import { expect, test } from "vitest";
import { byName } from "../../src/page/text/by-name.ts";

function namesOf(names: readonly string[], locale: string): readonly string[] {
  const people = names.map((name, index) => ({ user: String(index), name }));
  return byName(people, locale).map(({ name }) => name);
}

test("people are listed by name, numbers in names by what they count", () => {
  const names = ["guest 10", "Zoe", "bob", "guest 2", "Ärger", "Ada"];
  expect(namesOf(names, "en")).toEqual(["Ada", "Ärger", "bob", "guest 2", "guest 10", "Zoe"]);
});

test("those of one name are listed by id", () => {
  const [ada, bob, twin] = [
    { user: "u2", name: "Ada" },
    { user: "u3", name: "Bob" },
    { user: "u1", name: "Bob" },
  ];
  expect(byName([bob, twin, ada], "en")).toEqual([ada, twin, bob]);
});

test("the reader's language orders names: Chinese by their sound", () => {
  expect(namesOf(["赵", "李", "安", "Ada"], "zh-CN")).toEqual(["安", "李", "赵", "Ada"]);
});
