// Writing in a browser: the text field, drafts, rejected messages. Nothing that was typed gets lost.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CommandError } from "../../src/protocol/errors.ts";
import { hasControls } from "../../src/protocol/frame.ts";
import {
  INSTALLS,
  inSettings,
  isStarted,
  network,
  type Pages,
  part,
  post,
  readAll,
  rejectSends,
  say,
  select,
  startPages,
} from "../helpers/page.ts";
import { xssCorpus } from "../helpers/xss-corpus.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

async function alone(name = "Ann"): Promise<Page> {
  const page = await (await pages.person({ name })).open(pages.freshRoom());
  await part.people(page).getByText(name).waitFor();
  return page;
}

/** Pastes `text` into the text field as a browser does. */
async function paste(page: Page, text: string): Promise<void> {
  await part.field(page).focus();
  await page.evaluate((pasted) => {
    const field = document.activeElement;
    const data = new DataTransfer();
    data.setData("text/plain", pasted);
    field?.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
    document.execCommand("insertText", false, pasted);
  }, text);
}

describe("the text field", () => {
  test("sends on Enter and inserts a new line on Shift+Enter", async () => {
    const page = await alone();
    await part.field(page).pressSequentially("one");
    await page.keyboard.press("Shift+Enter");
    await part.field(page).pressSequentially("two");
    const height = async () => (await part.field(page).boundingBox())?.height ?? 0;
    const grown = await height();
    await page.keyboard.press("Enter");
    await part.message(page, "one").getByText("two").waitFor();
    expect(await part.field(page).inputValue()).toBe("");
    expect(await height()).toBeLessThan(grown);
  });

  test("does not send on the Enter that confirms an input method's text", async () => {
    const page = await alone();
    const session = await page.context().newCDPSession(page);
    await part.field(page).focus();
    await session.send("Input.imeSetComposition", { text: "nihao", selectionStart: 5, selectionEnd: 5 });
    await part.field(page).evaluate((field) => {
      const enter = { key: "Enter", isComposing: true, bubbles: true, cancelable: true };
      field.dispatchEvent(new KeyboardEvent("keydown", enter));
    });
    expect(await part.field(page).inputValue()).toBe("nihao");
    await session.send("Input.insertText", { text: "你好" });
    expect(await part.field(page).inputValue()).toBe("你好");
    await page.keyboard.press("Enter");
    await part.message(page, "你好").waitFor();
    expect(await part.log(page).getByText("nihao").count()).toBe(0);
  });

  test("edits the last own message on arrow up, and Escape restores the draft", async () => {
    const page = await alone();
    await say(page, "first");
    await say(page, "second");
    await part.field(page).press("ArrowUp");
    expect(await part.field(page).inputValue()).toBe("second");
    await page.getByText("Editing your message").waitFor();
    await page.keyboard.press("Escape");
    expect(await part.field(page).inputValue()).toBe("");
    await part.field(page).fill("a draft");
    await page.keyboard.press("ArrowUp");
    expect(await part.field(page).inputValue()).toBe("a draft");
  });

  test("replaces a typed shortcode with its emoji", async () => {
    const page = await alone();
    await part.field(page).pressSequentially("well done :tada: and :clap:");
    await expect.poll(() => part.field(page).inputValue()).toBe("well done 🎉 and 👏");
  });

  test("replaces a shortcode that is sent while the emoji are loading", async () => {
    // Requests of a service worker cannot be held back.
    const page = await (await pages.person({ serviceWorkers: "block" })).open(pages.freshRoom());
    await isStarted(page);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await page.route("**/build/chunk-*", async (route) => {
      await released;
      await route.continue();
    });
    await part.field(page).pressSequentially("well done :tada:");
    await page.keyboard.press("Enter");
    await expect.poll(() => part.field(page).inputValue()).toBe("");
    release();
    await part.message(page, "well done 🎉").waitFor();
    expect(await page.getByText("edited").count()).toBe(0);
  });

  test("keeps the indentation of a pasted text", async () => {
    const page = await alone();
    await paste(page, "\n  one\n    two\n\n\nthree");
    await part.send(page).click();
    const lines = () =>
      part
        .message(page, "three")
        .getByText(/one|three/)
        .evaluateAll((all) => all.map((element) => element.textContent));
    // The message is drawn after the click, and again when it is acknowledged.
    await expect.poll(lines).toEqual(["  one    two", "three"]);
  });

  test("marks the edited message, shows its old text, and offers to delete it when it is emptied", async () => {
    const page = await alone();
    await say(page, "the old text");
    await part.field(page).press("ArrowUp");
    await part.field(page).fill("new");
    await page.getByText("Editing your message the old text").waitFor();
    expect(await part.message(page, "the old text").getAttribute("data-editing")).toBe("true");
    await part.field(page).fill("");
    await page.keyboard.press("Enter");
    const question = page.getByRole("alert").filter({ hasText: "Delete this message?" });
    await question.getByRole("button", { name: "Delete" }).click();
    await part.log(page).getByText("Message deleted").waitFor();
    expect(await part.field(page).inputValue()).toBe("");
  });

  test("offers a long pasted text as a code block, which can be copied", async () => {
    const person = await pages.person({ permissions: ["clipboard-read", "clipboard-write"] });
    const page = await person.open(pages.freshRoom());
    const code = Array.from({ length: 8 }, (_, line) => `  line ${line} <b>`).join("\n");
    await part.field(page).fill("Look:");
    await part.field(page).press("End");
    await paste(page, code);
    await page.getByRole("button", { name: "Turn it into a code block" }).click();
    expect(await part.field(page).inputValue()).toBe(`Look:\n\`\`\`\n${code}\n\`\`\`\n`);
    await part.send(page).click();
    await part.log(page).getByRole("button", { name: "Copy code" }).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
  });

  test("sends a pasted text without control characters", async () => {
    const page = await alone();
    await part.field(page).fill(`bell\u0007${"\u001b".repeat(6_000)} and all`);
    await page.keyboard.press("Enter");
    await part.message(page, "bell and all").getByRole("time").waitFor();
  });

  test("shows the remaining bytes near the limit, and sends nothing over it", async () => {
    const page = await alone();
    await part.field(page).fill("x".repeat(8_000));
    await page.getByText("192 bytes left").waitFor();
    await part.field(page).fill("é".repeat(4_100));
    await page.getByText("The message is 8 bytes too long.").waitFor();
    await page.keyboard.press("Enter");
    expect(await part.field(page).inputValue()).toHaveLength(4_100);
    expect(await page.getByRole("article").count()).toBe(0);
  });

  test("completes names of people present, and marks the mention for them", async () => {
    const page = await alone();
    const person = await pages.person({ name: "Bob Müller" });
    const bob = await person.open(new URL(page.url()).pathname.slice(3));
    await part.people(page).getByText("Bob Müller").waitFor();
    await part.field(page).pressSequentially("hi @mü");
    await page.getByRole("option", { name: "Bob Müller" }).waitFor();
    await page.keyboard.press("Enter");
    expect((await part.field(page).inputValue()).replaceAll("\u00a0", " ")).toBe("hi @Bob Müller ");
    await page.keyboard.press("Enter");
    await part.message(bob, "hi").locator("role=mark").getByText("@Bob Müller").waitFor();
    expect(await part.message(page, "hi").locator("role=mark").count()).toBe(0);
  });

  test("says that the emoji cannot be loaded, and loads them after a reload", async () => {
    const person = await pages.person(INSTALLS);
    const { online } = await network(person);
    const page = await person.open(pages.freshRoom());
    await isStarted(page);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await online(false);
    await page.getByRole("button", { name: "Emoji" }).click();
    const picker = part.dialog(page, "Choose an emoji");
    await picker.getByText("could not be loaded. Reload the page.").waitFor();
    await online(true);
    await page.reload();
    await page.getByRole("button", { name: "Emoji" }).click();
    await picker.getByRole("button", { name: "grinning face", exact: true }).first().waitFor();
    await page.keyboard.type("tada");
    await picker.getByRole("button", { name: "party popper" }).click();
    expect(await part.field(page).inputValue()).toBe("🎉");
  });

  test("completes emoji, and inserts one from the picker with the keyboard", async () => {
    const page = await alone();
    await part.field(page).pressSequentially("so :tad");
    await page.getByRole("option", { name: "tada" }).waitFor();
    await page.keyboard.press("Tab");
    expect(await part.field(page).inputValue()).toBe("so 🎉 ");
    await page.getByRole("button", { name: "Emoji" }).focus();
    await page.keyboard.press("Enter");
    const picker = part.dialog(page, "Choose an emoji");
    await picker.getByRole("button", { name: "grinning face", exact: true }).first().waitFor();
    await page.keyboard.type("cat face");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await part.field(page).inputValue()).toBe("so 🎉 🐱");
    expect(await part.field(page).evaluate((field) => field === document.activeElement)).toBe(true);
  });
});

describe("typing without a focused field", () => {
  test("writes in the composer after a click on an own message", async () => {
    const page = await alone();
    await isStarted(page);
    await say(page, "an old message");
    await part.log(page).getByText("an old message").click();
    await page.keyboard.type("see you there");
    expect(await part.field(page).inputValue()).toBe("see you there");
    await part.log(page).getByText("an old message").click();
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    expect(await part.log(page).getByText("Message deleted").count()).toBe(0);
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.type("!");
    expect(await part.field(page).inputValue()).toBe("see you there!");
  });

  test("pastes into the composer", async () => {
    const page = await alone();
    await isStarted(page);
    await page.getByRole("heading", { level: 1 }).click();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData("text/plain", "pasted");
      document.body.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    });
    expect(await part.field(page).inputValue()).toBe("pasted");
  });

  test("writes in the composer after a dialog and a deletion with the mouse", async () => {
    const page = await alone();
    await isStarted(page);
    await inSettings(page, () => Promise.resolve());
    await page.keyboard.type("one ");
    expect(await part.field(page).inputValue()).toBe("one ");
    await say(page, "a mistake");
    await part.message(page, "a mistake").hover();
    await part.message(page, "a mistake").getByRole("button", { name: "More" }).click();
    await part
      .dialog(page, "Message actions")
      .getByRole("button", { name: /^Delete/ })
      .click();
    await page.keyboard.type("two");
    expect(await part.field(page).inputValue()).toBe("two");
  });
});

describe("a draft", () => {
  test("is restored after a reload, for each room", async () => {
    const person = await pages.person();
    const [one, two] = [pages.freshRoom(), pages.freshRoom()];
    const page = await person.open(one);
    await part.field(page).fill("a draft of one");
    await page.goto(new URL(`/r/${two}`, page.url()).href);
    expect(await part.field(page).inputValue()).toBe("");
    await part.field(page).fill("a draft of two");
    await page.reload();
    expect(await part.field(page).inputValue()).toBe("a draft of two");
    await page.getByRole("link", { name: one }).click();
    await expect.poll(() => part.field(page).inputValue()).toBe("a draft of one");
  });

  test("is separate in two tabs of one room", async () => {
    const person = await pages.person();
    const room = pages.freshRoom();
    const [first, second] = [await person.open(room), await person.open(room)];
    await part.field(first).fill("in the first");
    await part.field(second).fill("in the second");
    await first.reload();
    await second.reload();
    expect(await part.field(first).inputValue()).toBe("in the first");
    expect(await part.field(second).inputValue()).toBe("in the second");
  });

  test("sent without a network survives a reload and is sent later", async () => {
    const person = await pages.person(INSTALLS);
    const { online } = await network(person);
    const page = await person.open(pages.freshRoom());
    await say(page, "before");
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await online(false);
    await part.status(page).filter({ hasText: "You are offline" }).waitFor();
    await part.field(page).fill("written offline");
    await page.keyboard.press("Enter");
    await part.message(page, "written offline").getByText("Waiting for the connection").waitFor();
    await page.reload();
    await part.message(page, "before").waitFor();
    await part.message(page, "written offline").waitFor();
    await online(true);
    await part.status(page).filter({ hasText: "Connected" }).waitFor();
    await part.message(page, "written offline").getByText("Waiting").waitFor({ state: "detached" });
    expect(await part.message(page, "written offline").count()).toBe(1);
  });

  test("sent too fast is sent when the room allows it", async () => {
    const page = await alone();
    for (let i = 1; i <= 23; i += 1) {
      await part.field(page).fill(`quick ${i}.`);
      await part.field(page).press("Enter");
    }
    await part.message(page, "quick 23.").waitFor();
    await page.getByText("Sending…").last().waitFor({ state: "detached" });
    await page
      .getByText(/^You are sending too fast/)
      .last()
      .waitFor({ state: "detached" });
    expect(await page.getByRole("article").count()).toBe(23);
  });
});

describe("a message that the room rejects", () => {
  const tooLong: CommandError = { code: "too_long", message: "over the limit" };
  const reason = (page: Page) => page.getByRole("alert").filter({ hasText: "Not sent. It is too long." });

  test("returns to the field, with the reason until it is changed", async () => {
    const person = await pages.person();
    await rejectSends(person, (text) => (text === "mistaken" ? tooLong : undefined));
    const page = await person.open(pages.freshRoom());
    await part.field(page).fill("mistaken");
    await page.keyboard.press("Enter");
    await reason(page).waitFor();
    expect(await part.field(page).inputValue()).toBe("mistaken");
    expect(await page.getByRole("article").count()).toBe(0);
    await page.reload();
    expect(await part.field(page).inputValue()).toBe("mistaken");
    await page.keyboard.press("Enter");
    await reason(page).waitFor();
    await part.field(page).press("End");
    await part.field(page).pressSequentially(" no more");
    await reason(page).waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await part.message(page, "mistaken no more").getByRole("time").waitFor();
    expect(await part.field(page).inputValue()).toBe("");
  });

  test("returns as a reply if it was one", async () => {
    const person = await pages.person();
    await rejectSends(person, (text) => (text === "mistaken" ? tooLong : undefined));
    const page = await person.open(pages.freshRoom());
    await say(page, "a question");
    const reply = page.getByRole("button", { name: "Reply" });
    // The toolbar is loaded after the first messages are drawn, and appears when the pointer moves.
    await expect
      .poll(async () => {
        await page.mouse.move(0, 0);
        await part.message(page, "a question").hover();
        return reply.waitFor({ timeout: 1_000 }).then(
          () => true,
          () => false,
        );
      })
      .toBe(true);
    await reply.click();
    await part.field(page).fill("mistaken");
    await page.keyboard.press("Enter");
    await reason(page).waitFor();
    await page.getByText("Replying to").waitFor();
    await part.field(page).fill("an answer");
    await page.keyboard.press("Enter");
    await part.message(page, "an answer").getByRole("button", { name: "In reply to" }).waitFor();
  });

  test("returns as a reply to a message that is not loaded", async () => {
    const person = await pages.person();
    let sends = 0;
    // The first attempt gets no answer. The page sends the message again after the reload.
    const never = new Promise<undefined>(() => undefined);
    await rejectSends(person, (text) => {
      if (text !== "mistaken") return undefined;
      sends += 1;
      return sends === 1 ? never : tooLong;
    });
    const room = pages.freshRoom();
    await post(pages, room, "Bob", "a question");
    const page = await person.open(room);
    await part.message(page, "a question").hover();
    await page.getByRole("button", { name: "Reply" }).click();
    await part.field(page).fill("mistaken");
    await page.keyboard.press("Enter");
    await part.message(page, "mistaken").getByText("Sending…").waitFor();
    for (let i = 0; i < 60; i += 1)
      await post(pages, room, `Eve${i % 6}`, `${i}\n${"and so on\n".repeat(20)}`);
    await page.reload();
    await reason(page).waitFor();
    expect(await part.message(page, "a question").count()).toBe(0);
    await page.getByText("Replying to an earlier message").waitFor();
    await page.reload();
    await page.getByText("Replying to an earlier message").waitFor();
    expect(await part.field(page).inputValue()).toBe("mistaken");
    await part.field(page).fill("an answer");
    await page.keyboard.press("Enter");
    await part
      .message(page, "an answer")
      .getByRole("button", { name: "In reply to an earlier message" })
      .click();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    await expect.poll(focused).toContain("a question");
  });

  test("returns as an edit if it was one, also after a reload", async () => {
    const person = await pages.person();
    await rejectSends(person, (text) => (text === "mistaken" ? tooLong : undefined));
    const page = await person.open(pages.freshRoom());
    await say(page, "said");
    await part.field(page).fill("a draft");
    await select(page, "said");
    await page.keyboard.press("e");
    await part.field(page).fill("mistaken");
    await page.keyboard.press("Enter");
    const rejected = page
      .getByRole("alert")
      .filter({ hasText: "Your change was not saved. It is too long." });
    await rejected.getByRole("button", { name: "Edit" }).click();
    await part.field(page).pressSequentially(" no more");
    await page.reload();
    await page.getByText("Editing your message").waitFor();
    expect(await part.field(page).inputValue()).toBe("mistaken no more");
    await page.keyboard.press("Enter");
    await part.message(page, "mistaken no more").getByText("edited").waitFor();
    expect(await part.field(page).inputValue()).toBe("a draft");
    await page.reload();
    expect(await part.field(page).inputValue()).toBe("a draft");
  });

  test("stays in the timeline while another message is being written", async () => {
    const person = await pages.person();
    const busy = Promise.withResolvers<void>();
    let rejections = 3;
    await rejectSends(person, async (text) => {
      await busy.promise;
      return text.startsWith("mistaken") && rejections-- > 0 ? tooLong : undefined;
    });
    const page = await person.open(pages.freshRoom());
    for (const text of ["mistaken one", "mistaken two", "mistaken three"]) {
      await part.field(page).fill(text);
      await page.keyboard.press("Enter");
    }
    await part.field(page).fill("something else");
    busy.resolve();
    const act = (text: string, name: string) =>
      part
        .message(page, text)
        .filter({ has: reason(page) })
        .getByRole("button", { name })
        .click();

    await act("mistaken one", "Retry");
    await part.message(page, "mistaken one").getByRole("time").waitFor();
    await act("mistaken two", "Discard");
    await part.message(page, "mistaken two").waitFor({ state: "detached" });
    expect(await part.field(page).inputValue()).toBe("something else");
    await act("mistaken three", "Edit");
    await part.message(page, "mistaken three").waitFor({ state: "detached" });
    expect(await part.field(page).inputValue()).toBe("mistaken three\nsomething else");
    await reason(page).waitFor();
    await page.keyboard.press("Enter");
    await part.message(page, "something else").getByText("mistaken three").waitFor();
  });

  test("because of its rate shows the time until it is sent again", async () => {
    const person = await pages.person();
    let rejections = 1;
    await rejectSends(person, (text) =>
      text === "hasty" && rejections-- > 0
        ? { code: "rate_limited", message: "too fast", retryAfter: 3_500 }
        : undefined,
    );
    const page = await person.open(pages.freshRoom());
    const told = await page.evaluateHandle(() => {
      const seconds: number[] = [];
      new MutationObserver(() => {
        const words = /You are sending too fast. Retrying in (\d+) s/.exec(document.body.textContent);
        if (words !== null && Number(words[1]) !== seconds.at(-1)) seconds.push(Number(words[1]));
      }).observe(document, { subtree: true, childList: true, characterData: true });
      return seconds;
    });
    await part.field(page).fill("hasty");
    await page.keyboard.press("Enter");
    await part.message(page, "hasty").getByRole("time").waitFor();
    const seconds = await told.jsonValue();
    expect(seconds.length).toBeGreaterThan(1);
    expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
    expect(await part.message(page, "hasty").count()).toBe(1);
    expect(await part.field(page).inputValue()).toBe("");
  });
});

describe("harmful texts", () => {
  test("run no script, open no dialog and violate no policy", async () => {
    const room = pages.freshRoom();
    const reader = await pages.person();
    const page = await reader.open(room);
    const corpus = xssCorpus("alert(1)").filter((text) => text.isWellFormed() && !hasControls(text));
    const address = new URL(`/api/rooms/${room}/messages`, pages.service.url);
    for (const [index, text] of corpus.entries()) {
      // With several keys, so that no rate limit applies.
      const key = `writer-${Math.floor(index / 15)}-${"x".repeat(22)}`;
      const response = await fetch(address, {
        method: "POST",
        body: JSON.stringify({ text, key, name: "<b>x</b>" }),
      });
      expect(response.status, text).toBe(201);
    }
    // Messages are drawn on arrival, and again after a reload.
    await page.reload();
    await page.getByRole("article").last().waitFor();
    await page.evaluate(() => {
      const harmful = "[role=log] :is(script, img, iframe, style, form, object)";
      const found: string[] = [];
      Object.assign(globalThis, { found });
      new MutationObserver(() => {
        for (const element of document.querySelectorAll(harmful)) found.push(element.outerHTML);
      }).observe(document, { subtree: true, childList: true });
    });
    expect((await readAll(page)).size).toBe(corpus.length);
    expect(await page.evaluate(() => (globalThis as unknown as { found: string[] }).found)).toEqual([]);
    expect(reader.wrongs).toEqual([]);
  });
});
