// Each mutation must match the source that it changes, or `npm run test:mutations` would test nothing.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { MUTATIONS } from "../../fault/mutation-list.ts";

test.each(MUTATIONS.flatMap(({ name, edits }) => edits.map((edit) => [name, edit] as const)))(
  "the mutation %s matches the source exactly once",
  async (_, { file, find, replace }) => {
    const source = await readFile(file, "utf8");
    expect(source.split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  },
);
