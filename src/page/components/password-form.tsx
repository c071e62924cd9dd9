/** The form that asks for the password of a room. */
import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import type { ChatState } from "../../client/index.ts";
import { passwordProof } from "../../client/secrets.ts";
import { entryTexts } from "../i18n/entry.ts";
import { useOpenRoom } from "../state/context.ts";
import { keepPasswordProof, passwordProof as keptProof } from "../storage/room-secrets.ts";

export function PasswordForm() {
  const { name, client, state } = useOpenRoom();
  const texts = entryTexts.value;
  const password = useSignal("");
  const isBusy = useSignal(false);
  const error = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (keptProof(name) === null) return;
    keepPasswordProof(name, null);
    error.value = entryTexts.peek().passwordChanged;
  }, [name, error]);

  const submit = async (): Promise<void> => {
    if (isBusy.peek() || password.peek() === "") return;
    isBusy.value = true;
    error.value = "";
    try {
      // Somebody who was in the room does not know them yet.
      if (parametersOf(state.peek()) === undefined) await client.connect().catch(() => undefined);
      const parameters = parametersOf(state.peek());
      if (parameters !== undefined) {
        const proof = await passwordProof(password.peek(), parameters);
        client.usePassword(proof);
        await client.connect();
        keepPasswordProof(name, proof);
      }
    } catch {
      const { code, retryAfter = 0 } = state.peek().outside?.error ?? {};
      const isLimited = code === "rate_limited";
      error.value = isLimited ? texts.passwordLater(Math.ceil(retryAfter / 1_000)) : texts.passwordWrong;
      field.current?.select();
    }
    isBusy.value = false;
  };
  return (
    <form
      class="enter-password"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label for={id}>{texts.password}</label>
      <input
        ref={field}
        id={id}
        type="password"
        autocomplete="current-password"
        value={password.value}
        readOnly={isBusy.value}
        aria-invalid={error.value !== ""}
        aria-describedby={`${id}-error`}
        onInput={(event) => {
          password.value = event.currentTarget.value;
        }}
      />
      <p class="name-error" id={`${id}-error`} role="alert">
        {error.value}
      </p>
      <button type="submit" class="primary-button" aria-disabled={isBusy.value}>
        {isBusy.value ? texts.checking : texts.enter}
      </button>
    </form>
  );
}

function parametersOf({ outside }: ChatState) {
  return outside?.teaser.password;
}
