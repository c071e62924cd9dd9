/** The menu of a message: all its actions. */

import type { TimelineMessage } from "../../client/index.ts";
import { actionsFor, actOn, type MessageAction } from "../effects/message-actions.ts";
import { frequentReactions } from "../emoji/frequent.ts";
import { locale, type Strings, t } from "../i18n/index.ts";
import { m } from "../i18n/moderation.ts";
import { exactTime } from "../i18n/time.ts";
import { useOpenRoom } from "../state/context.ts";
import { type Anchor, closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { EDIT, TRASH, USER } from "./later-icons.ts";
import { PIN, UNPIN } from "./moderation-icons.ts";

const LOOKS: Readonly<
  Record<MessageAction, { icon: IconName; label: (texts: Strings) => string; key: string }>
> = {
  reply: { icon: "reply", label: (texts) => texts.reply, key: "R" },
  react: { icon: "smile", label: (texts) => texts.react, key: "+" },
  edit: { icon: EDIT, label: (texts) => texts.edit, key: "E" },
  pin: { icon: PIN, label: () => m.value.pin, key: "" },
  unpin: { icon: UNPIN, label: () => m.value.unpin, key: "" },
  delete: { icon: TRASH, label: (texts) => texts.delete, key: "Del" },
  remove: { icon: TRASH, label: () => m.value.removeMessage, key: "Del" },
  "copy-text": { icon: "copy", label: (texts) => texts.copyText, key: "C" },
  "copy-link": { icon: "link", label: (texts) => texts.copyLink, key: "L" },
  person: { icon: USER, label: (texts) => texts.aboutAuthor, key: "P" },
};

/** Reactions that take one click. */
const QUICK_REACTIONS = 6;

interface ActionsDialogProps {
  readonly message: TimelineMessage;
  readonly anchor: Anchor;
}

export function ActionsDialog({ message, anchor }: ActionsDialogProps) {
  const room = useOpenRoom();
  const actions = actionsFor(room, message);
  const closeAnd = (act: () => void) => () => {
    // Before the action, which may move the focus.
    closeDialog();
    act();
  };
  return (
    <DialogFrame kind="anchored" title={t.value.messageActions} bare anchor={anchor}>
      <p class="menu-note">
        <bdi>{message.name}</bdi>, {exactTime(message.at, locale.value)}
      </p>
      {actions.includes("react") && (
        <div class="quick-reactions">
          {frequentReactions(QUICK_REACTIONS).map((emoji) => (
            <button
              type="button"
              class="icon-button"
              key={emoji}
              aria-label={t.value.reactWith(emoji)}
              title={t.value.reactWith(emoji)}
              onClick={closeAnd(() => room.react(message.seq, emoji, true))}
            >
              <span class="emoji">{emoji}</span>
            </button>
          ))}
        </div>
      )}
      {actions.map((action) => (
        <button
          type="button"
          class="menu-item"
          key={action}
          data-danger={action === "delete" || action === "remove"}
          onClick={closeAnd(() => actOn(room, message, action, anchor))}
        >
          <Icon name={LOOKS[action].icon} />
          <span>{LOOKS[action].label(t.value)}</span>
          {LOOKS[action].key !== "" && <kbd>{LOOKS[action].key}</kbd>}
        </button>
      ))}
    </DialogFrame>
  );
}
