/** The state of the connection, and the time until the next attempt. */
import type { ChatState } from "../../client/index.ts";
import { CloseCode } from "../../protocol/close-code.ts";
import { networkOnline } from "../effects/network.ts";
import { t } from "../i18n/index.ts";
import { secondsUntil } from "../i18n/now.ts";
import { useOpenRoom } from "../state/context.ts";

export function ConnectionStatus() {
  const room = useOpenRoom();
  const state = room.state.value;
  const { connection, retryAt } = state;
  const waiting = connection === "waiting" && retryAt !== undefined && networkOnline.value;
  return (
    <div class="connection">
      <span role="status" data-connection={connection}>
        {statusText(state)}
      </span>
      {waiting && <span aria-hidden="true">{t.value.retryIn(secondsUntil(retryAt))}</span>}
      {(waiting || connection === "closed") && (
        <button type="button" class="text-button" onClick={() => retry(room)}>
          {t.value.tryNow}
        </button>
      )}
    </div>
  );
}

function retry({ client, state }: ReturnType<typeof useOpenRoom>): void {
  if (state.peek().connection === "closed") client.connect();
  else client.reconnectNow();
}

function statusText({ connection, closeCode, epoch }: ChatState): string {
  if (connection === "online") return t.value.online;
  if (connection === "closed")
    return closeCode === CloseCode.RoomFull ? t.value.roomFull : t.value.disconnected;
  if (!networkOnline.value) return t.value.offline;
  return connection === "waiting" || epoch !== undefined ? t.value.reconnecting : t.value.connecting;
}
