/** Entry of the page: reads the address, opens its room, draws the page. */
import { draw } from "./app.tsx";
import { startLanguage, t } from "./i18n/index.ts";
import { idle } from "./state/idle.ts";
import { firstAnswer, startRooms } from "./state/rooms.ts";
import { startSettings } from "./state/settings.ts";

/** Time for which the page waits to be drawn with its messages at once, ms: drawing it twice takes longer. */
const FIRST_ANSWER_MS = 100;
/** Time for which all else gives way to the first messages, ms. */
const FIRST_MESSAGES_MS = 3_000;

const root = document.getElementById("app");
if (root !== null) void start(root);

async function start(root: Element): Promise<void> {
  startSettings();
  if (!("WebSocket" in globalThis)) {
    await startLanguage();
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.textContent = t.peek().needsWebSocket;
    root.append(notice);
    return;
  }
  await Promise.all([startRooms(), startLanguage()]);
  await Promise.race([firstAnswer(), timePasses(FIRST_ANSWER_MS)]);
  draw(root);
  await Promise.race([firstAnswer(), timePasses(FIRST_MESSAGES_MS)]);
  await idle();
  const { startBackground } = await import("./state/start.ts");
  startBackground();
}

function timePasses(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
