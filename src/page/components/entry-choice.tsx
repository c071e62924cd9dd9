/** Chooses who may enter a room. A password is typed before the choice takes effect. */
import { useSignal } from "@preact/signals";
import type { Entry } from "../../client/index.ts";
import { m } from "../i18n/moderation.ts";

const ENTRIES = ["open", "password", "knock"] as const;

interface EntryChoiceProps {
  readonly entry: Entry;
  /** Resolves to whether the room accepted the choice. */
  readonly choose: (entry: Entry, password?: string) => Promise<boolean>;
}

export function EntryChoice({ entry, choose }: EntryChoiceProps) {
  /** `null` if it is the room's. */
  const chosen = useSignal<Entry | null>(null);
  const shown = chosen.value ?? entry;
  const pick = async (picked: Entry): Promise<void> => {
    chosen.value = picked;
    if (picked === "password") return;
    if (picked !== entry) await choose(picked);
    chosen.value = null;
  };
  return (
    <>
      <fieldset class="choices">
        <legend>{m.value.whoEnters}</legend>
        {ENTRIES.map((each) => (
          <label key={each}>
            <input type="radio" name="entry" checked={shown === each} onChange={() => void pick(each)} />
            {m.value.entries[each]}
          </label>
        ))}
      </fieldset>
      {shown === "password" && <PasswordForm isSet={entry === "password"} choose={choose} />}
    </>
  );
}

interface PasswordFormProps extends Pick<EntryChoiceProps, "choose"> {
  /** The room has a password. */
  readonly isSet: boolean;
}

function PasswordForm({ isSet, choose }: PasswordFormProps) {
  const password = useSignal("");
  const isBusy = useSignal(false);
  const submit = async (): Promise<void> => {
    if (password.peek() === "" || isBusy.peek()) return;
    isBusy.value = true;
    if (await choose("password", password.peek())) password.value = "";
    isBusy.value = false;
  };
  return (
    <form
      class="password-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label class="field">
        {m.value.newPassword}
        <input
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={password.value}
          onInput={({ currentTarget }) => {
            password.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="plain-button" aria-disabled={password.value === "" || isBusy.value}>
        {isSet ? m.value.changePassword : m.value.setPassword}
      </button>
      <p class="hint">{m.value.passwordHint}</p>
    </form>
  );
}
