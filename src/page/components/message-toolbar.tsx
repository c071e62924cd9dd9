/** The toolbar of the message under the pointer or with the focus: quick actions. */
import type { TimelineMessage } from "../../client/index.ts";
import { actionsFor, actOn, QUICK_REACTIONS } from "../effects/message-actions.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { anchorAt, dialog } from "../state/ui.ts";
import { Icon } from "./icon.tsx";

/** Reactions in the toolbar; the menu has all. */
const QUICK = QUICK_REACTIONS.slice(0, 3);

export function MessageToolbar({ message }: { readonly message: TimelineMessage }) {
  const room = useOpenRoom();
  const actions = actionsFor(room, message);
  if (actions.length === 0) return null;
  return (
    // The track has the height of the message, inside which the toolbar stays in view.
    <div class="toolbar-track">
      <fieldset class="toolbar" aria-label={t.value.messageActions}>
        {actions.includes("react") &&
          QUICK.map((emoji) => (
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
        {actions.includes("reply") && (
          <button
            type="button"
            class="icon-button small"
            aria-label={t.value.reply}
            title={t.value.reply}
            onClick={() => actOn(room, message, "reply", anchorAt(document.body))}
          >
            <Icon name="reply" />
          </button>
        )}
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
          <Icon name="more" />
        </button>
      </fieldset>
    </div>
  );
}
