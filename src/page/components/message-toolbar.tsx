/** The toolbar of the message under the pointer or with the focus: quick actions. */

import type { TimelineMessage } from "../../client/index.ts";
import { actionsFor, actOn, type MessageAction } from "../effects/message-actions.ts";
import { frequentReactions } from "../emoji/frequent.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { anchorAt, dialog } from "../state/ui.ts";
import { Icon, type IconName } from "./icon.tsx";
import { EDIT, MORE } from "./later-icons.ts";

/** Reactions in the toolbar; the menu has more. */
const QUICK_REACTIONS = 3;

export function MessageToolbar({ message }: { readonly message: TimelineMessage }) {
  const room = useOpenRoom();
  const actions = actionsFor(room, message);
  if (actions.length === 0) return null;
  const button = (action: MessageAction, icon: IconName, label: string) =>
    actions.includes(action) && (
      <button
        type="button"
        class="icon-button small"
        aria-label={label}
        title={label}
        onClick={({ currentTarget }) => actOn(room, message, action, anchorAt(currentTarget, "right"))}
      >
        <Icon name={icon} />
      </button>
    );
  return (
    // The track has the height of the message, inside which the toolbar stays in view.
    <div class="toolbar-track">
      <fieldset class="toolbar" aria-label={t.value.messageActions}>
        {actions.includes("react") &&
          frequentReactions(QUICK_REACTIONS).map((emoji) => (
            <button
              type="button"
              class="icon-button small"
              key={emoji}
              aria-label={t.value.reactWith(emoji)}
              title={t.value.reactWith(emoji)}
              onClick={() => room.react(message.seq, emoji, true)}
            >
              <span class="emoji">{emoji}</span>
            </button>
          ))}
        {button("react", "smile", t.value.react)}
        {button("reply", "reply", t.value.reply)}
        {button("edit", EDIT, t.value.edit)}
        <button
          type="button"
          class="icon-button small"
          aria-label={t.value.more}
          title={t.value.more}
          aria-haspopup="dialog"
          onClick={(event) => {
            const toolbar = event.currentTarget.closest(".toolbar") ?? event.currentTarget;
            dialog.value = { type: "actions", message, anchor: anchorAt(toolbar, "right") };
          }}
        >
          <Icon name={MORE} />
        </button>
      </fieldset>
    </div>
  );
}
