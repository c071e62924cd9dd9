/** The text field for messages, with its notes and buttons. */
import { t } from "../i18n/index.ts";
import type { Composer as ComposerState } from "../state/composer.ts";
import { useOpenRoom } from "../state/context.ts";
import { anchorAt, dialog } from "../state/ui.ts";
import { Icon } from "./icon.tsx";
import { later } from "./later.tsx";
import { TextField } from "./text-field.tsx";
import { TypingLine } from "./typing-line.tsx";

/** The number of remaining bytes is shown below this one. */
const SHOW_COUNT = 1_000;

const ComposerNotes = later(async () => (await import("./composer-notes.tsx")).ComposerNotes);
const SlowMode = later(async () => (await import("./slow-mode.tsx")).SlowMode);

export function Composer() {
  const room = useOpenRoom();
  const { composer, membership } = room;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        composer.submit();
      }}
    >
      <div class="composer-status">
        <TypingLine />
        {membership.slowMode.value && <SlowMode />}
      </div>
      {composer.hasNotes.value && <ComposerNotes />}
      <div class="composer-row">
        <TextField />
        {membership.takesFiles.value && <AttachButton />}
        <button
          type="button"
          class="icon-button"
          aria-label={t.value.emoji}
          title={t.value.emoji}
          aria-haspopup="dialog"
          onClick={(event) => {
            dialog.value = {
              type: "emoji",
              anchor: anchorAt(event.currentTarget),
              pick: (emoji) => composer.insert(emoji),
            };
          }}
        >
          <Icon name="smile" />
        </button>
        <SendButton composer={composer} />
      </div>
      <Counter />
    </form>
  );
}

/** A file field, which phones show with their camera. */
function AttachButton() {
  const room = useOpenRoom();
  const { composer } = room;
  const block = composer.block.value;
  if (composer.editing.value !== null || (block !== null && block.type !== "slow")) return null;
  const label = t.value.attach;
  return (
    <label class="icon-button attach-button" title={label}>
      <Icon name="attach" />
      <input
        class="visually-hidden"
        type="file"
        multiple
        aria-label={label}
        onChange={async ({ currentTarget: input }) => {
          const files = [...(input.files ?? [])];
          // Else the same file could not be chosen again.
          input.value = "";
          (await import("../effects/attach-files.ts")).attachFiles(room, files);
        }}
      />
    </label>
  );
}

function SendButton({ composer }: { readonly composer: ComposerState }) {
  const label = composer.editing.value === null ? t.value.send : t.value.save;
  return (
    <button
      type="submit"
      class="send-button"
      aria-label={label}
      title={label}
      aria-disabled={!composer.canSend.value}
      // The field keeps the focus, and a phone keeps its keyboard open.
      onMouseDown={(event) => event.preventDefault()}
    >
      <Icon name={composer.editing.value === null ? "send" : "check"} />
    </button>
  );
}

function Counter() {
  const { composer, state } = useOpenRoom();
  const left = state.value.limits.text - composer.bytes.value;
  if (left > SHOW_COUNT) return null;
  return (
    <p class="counter" data-over={left < 0} role="status">
      {left < 0 ? t.value.tooLong(-left) : t.value.bytesLeft(left)}
    </p>
  );
}
