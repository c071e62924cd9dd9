// Texts that wait for the emoji of their shortcodes.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HeldTexts } from "../../../src/page/state/held-texts.ts";

describe("HeldTexts", () => {
  let held: HeldTexts;
  let sent: string[];
  const send = (text: string): void => held.send(text, (ready) => sent.push(ready));

  beforeEach(() => {
    vi.useFakeTimers();
    held = new HeldTexts();
    sent = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("sends at once what has no shortcode that is being loaded", () => {
    held.load(":tada:", Promise.withResolvers<string>().promise);
    send("at :clap: once");
    expect(sent).toEqual(["at :clap: once"]);
  });

  test("replaces shortcodes, and keeps the order", async () => {
    const tada = Promise.withResolvers<string | undefined>();
    held.load(":tada:", tada.promise);
    send(":tada: and :tada:");
    send("later");
    expect(sent).toEqual([]);
    tada.resolve("🎉");
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(["🎉 and 🎉", "later"]);
    send("again :tada:");
    expect(sent[2]).toBe("again :tada:");
  });

  test("sends a text as it is if there is no such emoji, or after a while", async () => {
    held.load(":none:", Promise.resolve(undefined));
    send("so :none:");
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(["so :none:"]);
    held.load(":slow:", Promise.withResolvers<string>().promise);
    send("so :slow:");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual(["so :none:", "so :slow:"]);
  });

  test("sends each text once when the page is left meanwhile", async () => {
    const tada = Promise.withResolvers<string | undefined>();
    held.load(":tada:", tada.promise);
    send("so :tada:");
    held.finish();
    tada.resolve("🎉");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual(["so :tada:"]);
  });
});
