/** The dialog that creates a room: its title, who may enter, its name. */
import { type Signal, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Entry } from "../../client/index.ts";
import { canonicalRoomName } from "../../protocol/room-name.ts";
import { entryTexts } from "../i18n/entry.ts";
import { t } from "../i18n/index.ts";
import { startRoom } from "../state/new-room.ts";
import { privateRoomName } from "../state/room-names.ts";
import { DialogFrame } from "./dialog-frame.tsx";

const ENTRIES: readonly Entry[] = ["open", "password", "knock"];
/** So many UTF-16 code units are at most 240 bytes, the limit of a title. */
const MAX_TITLE = 80;

interface NewRoomDialogProps {
  /** A name that turned out to be taken. */
  readonly taken?: string | undefined;
}

export function NewRoomDialog({ taken }: NewRoomDialogProps) {
  const texts = entryTexts.value;
  const title = useSignal("");
  const entry = useSignal<Entry>("open");
  const password = useSignal("");
  const name = useSignal(taken ?? privateRoomName());
  const nameError = useSignal(taken === undefined ? "" : texts.taken(taken));
  const passwordError = useSignal("");
  const error = useSignal("");
  const isBusy = useSignal(false);
  const id = useId();

  const submit = async (): Promise<void> => {
    const room = canonicalRoomName(encodeURIComponent(name.peek().trim().replace(/\s+/gu, "-")));
    nameError.value = room === null ? t.peek().badRoomName : "";
    const isMissing = entry.peek() === "password" && password.peek() === "";
    passwordError.value = isMissing ? texts.passwordMissing : "";
    error.value = "";
    if (room === null || isMissing || isBusy.peek()) return;
    isBusy.value = true;
    try {
      const chosen = {
        name: room,
        title: title.peek().trim(),
        entry: entry.peek(),
        password: password.peek(),
      };
      if ((await startRoom(chosen)) === "taken") nameError.value = texts.taken(room);
    } catch {
      error.value = texts.notReached;
    }
    isBusy.value = false;
  };
  return (
    <DialogFrame kind="box" title={t.value.newRoom}>
      <form
        class="dialog-form new-room"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label for={`${id}-title`}>
          {texts.title} <span class="tag">{texts.optional}</span>
        </label>
        <TextInput
          id={`${id}-title`}
          text={title}
          autofocus={taken === undefined}
          words
          maxLength={MAX_TITLE}
        />
        <fieldset>
          <legend>{texts.whoMayEnter}</legend>
          {ENTRIES.map((choice) => (
            <label key={choice} class="choice">
              <input
                type="radio"
                name={`${id}-entry`}
                checked={entry.value === choice}
                onChange={() => {
                  entry.value = choice;
                  passwordError.value = "";
                }}
              />
              {texts.entry[choice]}
            </label>
          ))}
        </fieldset>
        {entry.value === "password" && (
          <>
            <label for={`${id}-password`}>{texts.password}</label>
            <TextInput
              id={`${id}-password`}
              text={password}
              invalid={passwordError.value !== ""}
              describedBy={`${id}-password-hint`}
            />
            <FieldHint id={`${id}-password-hint`} error={passwordError.value} />
          </>
        )}
        <label for={`${id}-name`}>{t.value.roomName}</label>
        <TextInput
          id={`${id}-name`}
          text={name}
          autofocus={taken !== undefined}
          invalid={nameError.value !== ""}
          describedBy={`${id}-name-hint`}
        />
        <FieldHint id={`${id}-name-hint`} error={nameError.value} hint={texts.nameHint} />
        {error.value !== "" && (
          <p class="hint" data-invalid="true" role="alert">
            {error.value}
          </p>
        )}
        <button type="submit" class="primary-button" aria-disabled={isBusy.value}>
          {isBusy.value ? texts.creating : texts.create}
        </button>
      </form>
    </DialogFrame>
  );
}

interface TextInputProps {
  readonly id: string;
  readonly text: Signal<string>;
  readonly autofocus?: boolean;
  /** The text is made of words. */
  readonly words?: boolean;
  readonly maxLength?: number;
  readonly invalid?: boolean;
  readonly describedBy?: string;
}

function TextInput({ id, text, autofocus, words = false, maxLength, invalid, describedBy }: TextInputProps) {
  return (
    <input
      id={id}
      type="text"
      dir="auto"
      autofocus={autofocus}
      autocomplete="off"
      autocapitalize={words ? "sentences" : "none"}
      spellcheck={words}
      maxLength={maxLength}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      value={text.value}
      onInput={(event) => {
        text.value = event.currentTarget.value;
      }}
    />
  );
}

interface FieldHintProps {
  readonly id: string;
  readonly error: string;
  /** Shown while there is no error. */
  readonly hint?: string;
}

function FieldHint({ id, error, hint = "" }: FieldHintProps) {
  const isWrong = error !== "";
  return (
    <p class="hint" id={id} data-invalid={isWrong} role={isWrong ? "alert" : undefined}>
      {error || hint}
    </p>
  );
}
