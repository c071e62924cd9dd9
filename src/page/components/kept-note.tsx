/** Says under the title how long the room keeps its messages. */
import type { ChatState } from "../../client/index.ts";
import { keptDays } from "../../protocol/retention.ts";
import { keptTexts } from "../i18n/kept.ts";
import { useOpenRoom } from "../state/context.ts";

export function KeptNote() {
  const text = keptText(useOpenRoom().state.value);
  return text === null ? null : <p class="header-note kept-note">{text}</p>;
}

/** Returns in words how long the room keeps its messages; `null` if only their number is limited. */
export function keptText({ roomState, limits }: Pick<ChatState, "roomState" | "limits">): string | null {
  const { after, presence } = keptTexts.value;
  if (roomState.retention === "presence") return presence;
  const days = keptDays(roomState.retention, limits.days);
  return days === null ? null : after(days);
}
