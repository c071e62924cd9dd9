// Two browser windows whose server is killed and started again while both send.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { INSTALLS, part, say, startPages } from "../helpers/page.ts";
import { stablePort } from "../helpers/port.ts";
import { startServe } from "../helpers/service.ts";
import { DEFAULT_TIMEOUT_MS } from "../helpers/wait.ts";

/** Sends a message without waiting for the server. */
async function type(page: Page, text: string): Promise<void> {
  await part.field(page).fill(text);
  await part.send(page).click();
}

/** Returns the seq and the text of each stored message that the timeline shows, in order. */
function shown(page: Page): Promise<string[]> {
  return part
    .log(page)
    .locator("article[data-seq]")
    .evaluateAll((articles) =>
      articles.map((article) => {
        const text = /(Ann|Bo) says \d/.exec(article.textContent ?? "")?.[0];
        return `${article.getAttribute("data-seq")} ${text}`;
      }),
    );
}

test("two windows show the same messages after a kill of the server", async () => {
  const state = await mkdtemp(join(tmpdir(), "edge-chat-page-kill-"));
  const port = await stablePort();
  const service = await startServe({ state, port });
  const pages = await startPages(async () => service);
  let again: Awaited<ReturnType<typeof startServe>> | undefined;
  try {
    const room = pages.freshRoom();
    const [ann, bo] = [
      await (await pages.person({ ...INSTALLS, name: "Ann" })).open(room),
      await (await pages.person({ ...INSTALLS, name: "Bo" })).open(room),
    ];
    await say(ann, "Ann says 1");
    await part.message(bo, "Ann says 1").waitFor();
    await say(bo, "Bo says 1");
    await service.kill();
    for (const count of [2, 3]) {
      await type(ann, `Ann says ${count}`);
      await type(bo, `Bo says ${count}`);
    }
    again = await startServe({ state, port });
    // After several failed attempts, the next one can be 20 s away.
    const all = (page: Page) =>
      expect.poll(async () => (await shown(page)).length, { timeout: DEFAULT_TIMEOUT_MS });
    for (const page of [ann, bo]) await all(page).toBe(6);
    const [left, right] = [await shown(ann), await shown(bo)];
    expect(left).toEqual(right);
    expect(left.map((line) => Number.parseInt(line, 10))).toEqual([1, 2, 3, 4, 5, 6]);
    const ofAnn = left.filter((line) => line.includes("Ann")).map((line) => line.slice(2));
    expect(ofAnn).toEqual(["Ann says 1", "Ann says 2", "Ann says 3"]);
  } finally {
    await pages.leave();
    await service.kill();
    await again?.stop();
    await rm(state, { recursive: true, force: true });
  }
});
