// The colour of a person.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hueOf } from "../../../src/page/components/avatar.tsx";

test("a user id always has the same hue, between 0 and 359", () => {
  fc.assert(
    fc.property(fc.string(), (user) => {
      expect(hueOf(user)).toBe(hueOf(user));
      expect(hueOf(user)).toBeGreaterThanOrEqual(0);
      expect(hueOf(user)).toBeLessThan(360);
    }),
  );
});
