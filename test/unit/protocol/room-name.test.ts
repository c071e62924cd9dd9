import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalRoomName, roomPath } from "../../../src/protocol/index.ts";

describe("canonicalRoomName", () => {
  test.each([
    ["demo", "demo"],
    ["Team-A", "team-a"],
    ["a_b-9", "a_b-9"],
    ["%E5%9B%A2%E9%98%9F", "团队"],
    ["团队", "团队"],
    ["CAFE%CC%81", "café"],
    ["caf%C3%A9", "café"],
    ["%E0%A4%B9%E0%A4%BF", "हि"],
    ["ΣΑΣ", "σας"],
    ["a".repeat(64), "a".repeat(64)],
    ["%F0%90%90%80".repeat(64), "𐐨".repeat(64)],
  ])("reads %s as %s", (segment, room) => {
    expect(canonicalRoomName(segment)).toBe(room);
  });

  test.each([
    ["", "empty"],
    ["a%2Fb", "a slash"],
    ["a/b", "two segments"],
    ["..", "dots"],
    ["%2e%2e", "encoded dots"],
    ["a%20b", "a space"],
    ["a+b", "a plus"],
    ["%FF", "bytes that are not UTF-8"],
    ["%C3", "half a character"],
    ["100%", "a stray percent sign"],
    ["%252F", "a percent sign left after decoding"],
    ["%F0%9F%98%80", "an emoji"],
    ["a%00b", "NUL"],
    ["%ED%A0%80", "an encoded surrogate"],
    ["a%E2%80%AEb", "a bidi override"],
    ["a%E2%80%8Bb", "a zero-width space"],
    ["lobby%EF%B8%8F", "a variation selector"],
    ["lobby%CD%8F", "a combining grapheme joiner"],
    ["lobby%E3%85%A4", "a Hangul filler"],
    ["lobby%E1%85%9F", "a Hangul choseong filler"],
    ["lobby%F3%A0%84%80", "a variation selector of the supplement"],
    ["lobby%EF%BE%A0", "a halfwidth Hangul filler"],
    ["lobby%E1%9E%B4", "an invisible Khmer vowel"],
    ["a".repeat(65), "65 characters"],
    ["%F0%90%90%80".repeat(65), "65 code points"],
  ])("rejects %s: %s", (segment) => {
    expect(canonicalRoomName(segment)).toBeNull();
  });

  test("maps all spellings to one name and a canonical name to itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 70 }), (raw) => {
        const room = canonicalRoomName(encodeURIComponent(raw.toWellFormed()));
        if (room === null) return;
        expect(canonicalRoomName(encodeURIComponent(room))).toBe(room);
        for (const form of ["NFC", "NFD"] as const) {
          expect(canonicalRoomName(encodeURIComponent(raw.toWellFormed().normalize(form)))).toBe(room);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (segment) => {
        const room = canonicalRoomName(segment);
        expect(room === null || /^[\p{L}\p{M}\p{N}_-]{1,64}$/u.test(room)).toBe(true);
      }),
    );
  });
});

describe("roomPath", () => {
  test("is / for the lobby and /r/NAME for every other room", () => {
    expect(roomPath("lobby")).toBe("/");
    expect(roomPath("团队")).toBe("/r/%E5%9B%A2%E9%98%9F");
  });
});
