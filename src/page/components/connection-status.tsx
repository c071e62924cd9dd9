/** The state of the connection, and the time until the next attempt. */
import { useEffect } from "preact/hooks";
import type { ChatState } from "../../client/index.ts";
import { CloseCode } from "../../protocol/close-code.ts";
import { network, networkChecked } from "../effects/network.ts";
import { t } from "../i18n/index.ts";
import { secondsUntil } from "../i18n/now.ts";
import { useOpenRoom } from "../state/context.ts";

export function ConnectionStatus() {
  const room = useOpenRoom();
  const state = room.state.value;
  const { connection, retryAt } = state;
  const isOffline = network.value === "offline";
  useEffect(() => {
    if (connection !== "online") networkChecked();
  }, [connection]);
  const waiting = connection === "waiting" && retryAt !== undefined && !isOffline;
  return (
    <div class="connection">
      <span role="status" data-connection={isOffline && connection !== "closed" ? "waiting" : connection}>
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
  if (connection === "closed")
    return closeCode === CloseCode.RoomFull ? t.value.roomFull : t.value.disconnected;
  if (network.value === "offline") return t.value.offline;
  if (connection === "online") return network.value === "checking" ? t.value.connecting : t.value.online;
  return connection === "waiting" || epoch !== undefined ? t.value.reconnecting : t.value.connecting;
}
