/** Entry of the page: reads the address, opens its room, draws the page. */
import { render } from "preact";
import { App } from "./app.tsx";
import { startLanguage, t } from "./i18n/index.ts";
import { idle } from "./state/idle.ts";
import { firstAnswer, startRooms } from "./state/rooms.ts";
import { startSettings } from "./state/settings.ts";

const root = document.getElementById("app");
if (root !== null) {
  startSettings();
  if ("WebSocket" in globalThis) {
    // The socket opens while the language loads.
    await Promise.all([startRooms(), startLanguage()]);
    render(<App />, root);
    // All else gives way to the first messages, but not for long.
    await Promise.race([firstAnswer(), new Promise((done) => setTimeout(done, 3_000))]);
    await idle();
    const { startBackground } = await import("./state/start.ts");
    startBackground();
  } else {
    await startLanguage();
    render(<p class="notice">{t.value.needsWebSocket}</p>, root);
  }
}
