/** Entry of the page: reads the address, opens its room, draws the page. */
import { startLanguage, t } from "./i18n/index.ts";
import { idle } from "./state/idle.ts";
import { firstAnswer, startRooms } from "./state/rooms.ts";
import { startSettings } from "./state/settings.ts";

/** Time for which the page waits to be drawn with its messages at once, ms: drawing it twice takes longer. */
const FIRST_ANSWER_MS = 100;
/** Time for which all else gives way to the first messages, ms. */
const FIRST_MESSAGES_MS = 3_000;

const root = document.getElementById("app");
if (root !== null) {
  startSettings();
  if ("WebSocket" in globalThis) {
    const [rooms, language, view] = [startRooms(), startLanguage(), import("./app.tsx")];
    // The socket opens first: the room answers while the rest is read.
    await rooms;
    const { draw } = await view;
    await language;
    await Promise.race([firstAnswer(), timePasses(FIRST_ANSWER_MS)]);
    draw(root);
    await Promise.race([firstAnswer(), timePasses(FIRST_MESSAGES_MS)]);
    await idle();
    const { startBackground } = await import("./state/start.ts");
    startBackground();
  } else {
    await startLanguage();
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.textContent = t.peek().needsWebSocket;
    root.append(notice);
  }
}

function timePasses(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
