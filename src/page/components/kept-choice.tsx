/** Chooses how long a room keeps its messages. It asks before messages, or the room, would be deleted. */
import type { Retention } from "../../client/index.ts";
import { keptDays } from "../../protocol/retention.ts";
import { keptTexts } from "../i18n/kept.ts";
import { attempt } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { dialog } from "../state/ui.ts";

const CHOICES = ["all", "month", "week", "day", "presence"] as const satisfies readonly Retention[];

export function KeptChoice() {
  const { client, state } = useOpenRoom();
  const { roomState, limits } = state.value;
  const { retention } = roomState;
  const texts = keptTexts.value;
  const set = (chosen: Retention): void => void attempt(client, client.setRoom({ retention: chosen }));
  const choose = (chosen: Retention): void => {
    const [before, after] = [retention, chosen].map((each) => keptDays(each) ?? Number.POSITIVE_INFINITY);
    const run = (): void => set(chosen);
    if (chosen === "presence") {
      const { confirmPresenceTitle: title, presenceHint: text, confirmPresence: label } = texts;
      dialog.value = { type: "confirm", title, text, label, run };
    } else if ((after ?? 0) < (before ?? 0)) {
      const { confirmTitle: title, confirmText: text, confirm: label } = texts;
      dialog.value = { type: "confirm", title, text, label, run };
    } else run();
  };
  const hints = [
    ...(retention === "presence" ? [texts.presenceHint] : []),
    ...(limits.days === undefined ? [] : [texts.serviceHint(limits.days)]),
  ];
  return (
    <label class="setting">
      <span>
        {texts.setting}
        {hints.length > 0 && <span class="hint setting-hint">{hints.join(" ")}</span>}
      </span>
      <select
        value={retention}
        onChange={({ currentTarget: select }) => {
          const chosen = CHOICES.find((each) => each === select.value) ?? "all";
          // Until the room has accepted the change, the choice is not shown as made.
          select.value = retention;
          choose(chosen);
        }}
      >
        {CHOICES.map((each) => (
          <option key={each} value={each} selected={each === retention}>
            {texts.choices[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
