// Completion of names and emoji before the caret.
import { describe, expect, test } from "vitest";
import { completionAt, peopleNamed, shortcodeAt } from "../../../src/page/text/completion.ts";

describe("completion", () => {
  test.each([
    ["@", { type: "mention", start: 0, query: "" }],
    ["hi @an", { type: "mention", start: 3, query: "an" }],
    ["(@团", { type: "mention", start: 1, query: "团" }],
    ["so :ta", { type: "emoji", start: 3, query: "ta" }],
    ["a@b", null],
    ["@ann ", null],
    [":", null],
    [":t", null],
    ["12:30", null],
    ["http://", null],
  ])("of %j", (before, completion) => {
    expect(completionAt(before)).toEqual(completion);
  });

  test.each([
    ["so :tada:", { start: 3, name: "tada" }],
    [":+1:", { start: 0, name: "+1" }],
    ["`:tada:", null],
    ["at 12:30:", null],
    ["tada:", null],
  ])("finds the shortcode at the end of %j", (before, shortcode) => {
    expect(shortcodeAt(before)).toEqual(shortcode);
  });

  test("finds people by any word of their name, the first word first", () => {
    const people = ["Lee Bob", "Bob", "Ann Lee"].map((name) => ({ user: name, name }));
    expect(peopleNamed("bo", people).map(({ label }) => label)).toEqual(["Bob", "Lee Bob"]);
    expect(peopleNamed("ann\u00a0l", people).map(({ insert }) => insert)).toEqual(["@Ann\u00a0Lee"]);
    expect(peopleNamed("x", people)).toEqual([]);
  });
});
