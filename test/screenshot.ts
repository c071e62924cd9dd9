/**
 * Takes the picture in README.md: two people talk in a room of a fresh service, and one of their windows is
 * photographed. `node test/screenshot.ts FILE` writes it as PNG.
 */
import { callOneself, part, say, startPages } from "./helpers/page.ts";

const CONVERSATION = [
  ["Maya", "The tide tables for Saturday are up: low water at **06:40**, so we can walk out to the island."],
  ["Jonas", "Lovely! I can bring coffee and croissants 🥐 in the big basket"],
  ["Maya", "Then I bring the `rope` and the map. Meet at the slipway?"],
  ["Jonas", "Slipway, 06:15. 团队 is complete 🎉"],
] as const;

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: node test/screenshot.ts FILE");

const pages = await startPages();
try {
  const window = async (name: string) => {
    const person = await pages.person({ viewport: { width: 1100, height: 560 } });
    const page = await person.open("tidewalk");
    await callOneself(page, name);
    return page;
  };
  const windows = { Maya: await window("Maya"), Jonas: await window("Jonas") };
  for (const [name, text] of CONVERSATION) {
    await say(windows[name], text);
    await part.log(windows.Maya).locator("article[data-seq]").last().getByText(name).waitFor();
  }
  await windows.Maya.getByText("is typing").waitFor({ state: "hidden" });
  await windows.Maya.screenshot({ path: file, animations: "disabled", caret: "initial" });
} finally {
  await pages.stop();
}
