/** State of the connection in words, and how long until the next attempt. */
import type { ChatState } from "../../client/index.ts";
import { CloseCode } from "../../protocol/close-code.ts";
import { t } from "../i18n/index.ts";
import { useSession } from "../state/context.ts";
import { networkOnline } from "../state/network.ts";
import { secondsUntil } from "../state/now.ts";

export function ConnectionStatus() {
  const session = useSession();
  const state = session.state.value;
  const { connection, retryAt } = state;
  const waiting = connection === "waiting" && retryAt !== undefined && networkOnline.value;
  return (
    <div class="connection">
      <span role="status" data-connection={connection}>
        {words(state)}
      </span>
      {waiting && <span aria-hidden="true">{t.value.retryIn(secondsUntil(retryAt))}</span>}
      {(waiting || connection === "closed") && (
        <button type="button" class="text-button" onClick={() => retry(session)}>
          {t.value.tryNow}
        </button>
      )}
    </div>
  );
}

function retry({ client, state }: ReturnType<typeof useSession>): void {
  if (state.peek().connection === "closed") client.connect();
  else client.reconnectNow();
}

function words({ connection, closeCode, epoch }: ChatState): string {
  if (connection === "online") return t.value.online;
  if (connection === "closed")
    return closeCode === CloseCode.RoomFull ? t.value.roomFull : t.value.disconnected;
  if (!networkOnline.value) return t.value.offline;
  return connection === "waiting" || epoch !== undefined ? t.value.reconnecting : t.value.connecting;
}
