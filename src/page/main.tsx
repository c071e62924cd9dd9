/** Entry of the page: reads the address, opens its room, draws the page. */
import { render } from "preact";
import { App } from "./app.tsx";
import { startLanguage, t } from "./i18n/index.ts";
import { startRooms } from "./state/rooms.ts";
import { startSettings } from "./state/settings.ts";

const root = document.getElementById("app");
if (root !== null) {
  startSettings();
  if ("WebSocket" in globalThis) {
    // The socket opens while the language loads.
    await Promise.all([startRooms(), startLanguage()]);
    render(<App />, root);
    const { startBackground } = await import("./state/start.ts");
    startBackground();
  } else {
    await startLanguage();
    render(<p class="notice">{t.value.needsWebSocket}</p>, root);
  }
}
