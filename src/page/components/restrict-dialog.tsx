/** Mutes, removes or bans a person: for how long, and why. */
import { useSignal } from "@preact/signals";
import { MAX_REASON_BYTES } from "../../protocol/limits.ts";
import { durationText } from "../i18n/duration.ts";
import { m } from "../i18n/moderation.ts";
import { attempt } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { closeDialog, type Restriction } from "../state/ui.ts";
import { DangerButtons } from "./danger-buttons.tsx";
import { DialogFrame } from "./dialog-frame.tsx";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Durations to choose from, ms; `null` until it is lifted. */
const DURATIONS: Readonly<Record<Restriction, readonly (number | null)[]>> = {
  mute: [10 * MINUTE, HOUR, 24 * HOUR, null],
  ban: [HOUR, 24 * HOUR, null],
  remove: [],
};

interface RestrictProps {
  readonly action: Restriction;
  readonly user: string;
  readonly name: string;
}

export function RestrictDialog({ action, user, name }: RestrictProps) {
  const { client } = useOpenRoom();
  const durations = DURATIONS[action];
  const chosen = useSignal(durations[0] ?? null);
  const reason = useSignal("");
  const network = useSignal(false);
  const texts = m.value;
  const [title, consequence, label] = (
    {
      mute: [texts.muteTitle(name), texts.muteText, texts.mute],
      ban: [texts.banTitle(name), texts.banText, texts.ban],
      remove: [texts.removeTitle(name), texts.removeText, texts.remove],
    } as const
  )[action];
  const submit = (): void => {
    const why = reason.peek().trim();
    const options = {
      ...(chosen.peek() !== null && { duration: chosen.peek() ?? 0 }),
      ...(why !== "" && { reason: why }),
    };
    closeDialog();
    if (action === "mute") void attempt(client, client.mute(user, options));
    else if (action === "remove") void attempt(client, client.remove(user, options));
    else {
      const ban = client.ban(user, { ...options, ...(network.peek() && { network: true }) });
      void attempt(client, ban);
    }
  };
  return (
    <DialogFrame kind="box" title={title}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p>{consequence}</p>
        {durations.length > 0 && (
          <fieldset class="choices">
            <legend>{texts.howLong}</legend>
            {durations.map((duration) => (
              <label key={duration}>
                <input
                  type="radio"
                  name="duration"
                  checked={chosen.value === duration}
                  onChange={() => {
                    chosen.value = duration;
                  }}
                />
                {duration === null ? texts.untilLifted : durationText(duration)}
              </label>
            ))}
          </fieldset>
        )}
        {action === "ban" && (
          <>
            <label class="check">
              <input
                type="checkbox"
                checked={network.value}
                onChange={({ currentTarget }) => {
                  network.value = currentTarget.checked;
                }}
              />
              {texts.alsoNetwork}
            </label>
            <p class="hint">{texts.banLimits}</p>
          </>
        )}
        <label class="field">
          {texts.reason}
          <input
            type="text"
            value={reason.value}
            // The limit is in bytes of UTF-8, of which a character has up to 3.
            maxLength={Math.floor(MAX_REASON_BYTES / 3)}
            onInput={({ currentTarget }) => {
              reason.value = currentTarget.value;
            }}
          />
        </label>
        <DangerButtons label={label} />
      </form>
    </DialogFrame>
  );
}
