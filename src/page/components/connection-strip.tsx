/** The state of the connection: a strip below the header while something is wrong, else for screen readers only. */
import { useEffect, useRef } from "preact/hooks";
import type { ChatState } from "../../client/index.ts";
import { CloseCode } from "../../protocol/close-code.ts";
import { network, networkChecked } from "../effects/network.ts";
import { t } from "../i18n/index.ts";
import { secondsUntil } from "../i18n/now.ts";
import { useOpenRoom } from "../state/context.ts";
import { Icon } from "./icon.tsx";

export function ConnectionStrip() {
  const room = useOpenRoom();
  const state = room.state.value;
  const { connection, retryAt } = state;
  const isOffline = network.value === "offline";
  useEffect(() => {
    if (connection !== "online") networkChecked();
  }, [connection]);
  // The first attempt to connect is not a failure. Later attempts alternate with waiting.
  const hasFailed = useRef(false);
  if (connection === "waiting" || connection === "closed") hasFailed.current = true;
  if (connection === "online") hasFailed.current = false;
  const isWrong = hasFailed.current || network.value !== "online" || isReconnecting(state);
  const waiting = connection === "waiting" && retryAt !== undefined && !isOffline;
  return (
    <div
      class={isWrong ? "connection" : "visually-hidden"}
      data-at-once={isOffline || connection === "closed"}
    >
      {isWrong && <Icon name="alert" />}
      <span role="status">{statusText(state)}</span>
      {waiting && <span aria-hidden="true">{t.value.retryIn(secondsUntil(retryAt))}</span>}
      {(waiting || connection === "closed") && (
        <button type="button" class="text-button" onClick={() => retry(room)}>
          {t.value.tryNow}
        </button>
      )}
    </div>
  );
}

function retry({ client, state, composer }: ReturnType<typeof useOpenRoom>): void {
  // The button disappears with the strip.
  composer.focus();
  if (state.peek().connection === "closed") client.connect();
  else client.reconnectNow();
}

function isReconnecting({ connection, epoch }: ChatState): boolean {
  return connection !== "online" && epoch !== undefined;
}

function statusText(state: ChatState): string {
  const { connection, closeCode } = state;
  if (connection === "closed")
    return closeCode === CloseCode.RoomFull ? t.value.roomFull : t.value.disconnected;
  if (network.value === "offline") return t.value.offline;
  if (connection === "online") return network.value === "checking" ? t.value.connecting : t.value.online;
  return connection === "waiting" || isReconnecting(state) ? t.value.reconnecting : t.value.connecting;
}
