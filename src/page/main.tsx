/** Entry of the page: reads the address, opens its room, draws the page. */
import { render } from "preact";
import { App } from "./app.tsx";
import { startLanguage, t } from "./i18n/index.ts";
import { startRooms } from "./state/rooms.ts";
import { startSettings } from "./state/settings.ts";
import { startBackground } from "./state/start.ts";

const root = document.getElementById("app");
if (root !== null) {
  startSettings();
  startLanguage();
  if ("WebSocket" in globalThis) {
    await startRooms();
    render(<App />, root);
    startBackground();
  } else {
    render(<p class="notice">{t.value.needsWebSocket}</p>, root);
  }
}
