// The order of people in lists.
import { expect, test } from "vitest";
import { byName } from "../../../src/page/i18n/by-name.ts";

function namesOf(names: readonly string[], locale: string): readonly string[] {
  const people = names.map((name, index) => ({ user: String(index), name }));
  return byName(people, locale).map(({ name }) => name);
}

test("sorts people by name, with numbers by value", () => {
  const names = ["guest 10", "Zoe", "bob", "guest 2", "Ärger", "Ada"];
  expect(namesOf(names, "en")).toEqual(["Ada", "Ärger", "bob", "guest 2", "guest 10", "Zoe"]);
});

test("sorts people with the same name by id", () => {
  const [ada, bob, twin] = [
    { user: "u2", name: "Ada" },
    { user: "u3", name: "Bob" },
    { user: "u1", name: "Bob" },
  ];
  expect(byName([bob, twin, ada], "en")).toEqual([ada, twin, bob]);
});

test("sorts Chinese names by pronunciation in a Chinese locale", () => {
  expect(namesOf(["赵", "李", "安", "Ada"], "zh-CN")).toEqual(["安", "李", "赵", "Ada"]);
});
