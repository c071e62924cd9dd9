// The breaks that show what the tests notice: each must still fit the source that it breaks.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { MUTATIONS } from "../fault/mutation-list.ts";

test.each(MUTATIONS.flatMap(({ name, edits }) => edits.map((edit) => [name, edit] as const)))(
  "%s fits the source",
  async (_, { file, find, replace }) => {
    const source = await readFile(file, "utf8");
    expect(source.split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  },
);
