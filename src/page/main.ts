/** Entry point of the page: opens the room of the address and draws the page. */
import { draw } from "./app.tsx";
import { idle } from "./effects/idle.ts";
import { startLanguage, t } from "./i18n/index.ts";
import { firstAnswer, startNavigation } from "./state/navigation.ts";
import { takeOfferedIdentity } from "./state/offered-identity.ts";
import { takeOwnerLink } from "./storage/room-secrets.ts";
import { startSettings } from "./storage/settings.ts";
import { startVisits } from "./storage/visits.ts";

/** Time to wait for the first messages before the page is drawn without them, ms: drawing it twice takes longer. */
const FIRST_ANSWER_MS = 100;
/** Time for which background work waits for the first messages, ms. */
const FIRST_MESSAGES_MS = 3_000;

// Secrets stay in the address bar for as short as possible.
takeOwnerLink();
takeOfferedIdentity();
const root = document.getElementById("app");
if (root !== null) void start(root);

async function start(root: Element): Promise<void> {
  startSettings();
  startVisits();
  if (!("WebSocket" in globalThis)) {
    await startLanguage();
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.textContent = t.peek().needsWebSocket;
    root.append(notice);
    return;
  }
  await Promise.all([startNavigation(), startLanguage()]);
  await Promise.race([firstAnswer(), delay(FIRST_ANSWER_MS)]);
  draw(root);
  await Promise.race([firstAnswer(), delay(FIRST_MESSAGES_MS)]);
  await idle();
  const { startBackground } = await import("./background.ts");
  startBackground();
}

function delay(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
