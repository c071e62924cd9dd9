/** The settings of a room, for its owners. Each takes effect at once, except texts and passwords. */
import { useSignal } from "@preact/signals";
import type { Entry } from "../../client/index.ts";
import { MAX_TITLE_BYTES, MAX_TOPIC_BYTES } from "../../protocol/limits.ts";
import { durationText } from "../i18n/duration.ts";
import { f } from "../i18n/files.ts";
import { t } from "../i18n/index.ts";
import { m } from "../i18n/moderation.ts";
import { attempt } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { roomTitle } from "../state/room-names.ts";
import { dialog } from "../state/ui.ts";
import { keepOwnerSecret } from "../storage/room-secrets.ts";
import { EntryChoice } from "./entry-choice.tsx";
import { KeptChoice } from "./kept-choice.tsx";

/** Intervals of slow mode to choose from, s. */
const INTERVALS = [0, 5, 10, 30, 60, 300, 3_600];
/** Characters that surely fit into a limit in bytes of UTF-8. */
const charactersIn = (bytes: number): number => Math.floor(bytes / 3);

export function RoomSettings() {
  const { client, membership } = useOpenRoom();
  const { slowMode, readOnly, locked, entry } = membership.settings.value;
  const interval = slowMode / 1_000;
  const intervals = INTERVALS.includes(interval) ? INTERVALS : [...INTERVALS, interval];
  const setEntry = async (chosen: Entry, password?: string): Promise<boolean> => {
    if (password === undefined) return attempt(client, client.setRoom({ entry: chosen }));
    const { newPassword } = await import("../../client/secrets.ts");
    const change = { entry: chosen, newPassword: await newPassword(password) };
    return attempt(client, client.setRoom(change), m.peek().passwordSet);
  };
  return (
    <>
      <TextsForm />
      <EntryChoice entry={entry} choose={setEntry} />
      <label class="setting">
        <span>{m.value.slowMode}</span>
        <select
          value={String(interval)}
          onChange={({ currentTarget }) =>
            void attempt(client, client.setRoom({ slowMode: Number(currentTarget.value) * 1_000 }))
          }
        >
          {intervals.map((seconds) => (
            <option key={seconds} value={String(seconds)} selected={seconds === interval}>
              {seconds === 0 ? m.value.off : durationText(seconds * 1_000)}
            </option>
          ))}
        </select>
      </label>
      <KeptChoice />
      <Switch
        label={m.value.readOnly}
        hint={m.value.readOnlyHint}
        on={readOnly}
        set={(on) => attempt(client, client.setRoom({ readOnly: on }))}
      />
      <Switch
        label={m.value.lock}
        hint={m.value.lockHint}
        on={locked}
        set={(on) => attempt(client, client.setRoom({ locked: on }))}
      />
      {membership.fileLimits.value !== undefined && (
        <Switch
          label={f.value.setting}
          hint={f.value.settingHint}
          on={membership.takesFiles.value}
          set={(on) => attempt(client, client.setRoom({ files: on }))}
        />
      )}
    </>
  );
}

/** Title and topic, saved together. */
function TextsForm() {
  const { client, membership } = useOpenRoom();
  const saved = membership.settings.value;
  const title = useSignal(saved.title ?? "");
  const topic = useSignal(saved.topic ?? "");
  const changes = {
    ...(title.value.trim() !== (saved.title ?? "") && { title: title.value.trim() }),
    ...(topic.value.trim() !== (saved.topic ?? "") && { topic: topic.value.trim() }),
  };
  const isChanged = Object.keys(changes).length > 0;
  return (
    <form
      class="texts-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) void attempt(client, client.setRoom(changes), m.peek().saved);
      }}
    >
      <label class="field">
        {m.value.title}
        <input
          type="text"
          value={title.value}
          maxLength={charactersIn(MAX_TITLE_BYTES)}
          onInput={({ currentTarget }) => {
            title.value = currentTarget.value;
          }}
        />
      </label>
      <label class="field">
        {m.value.topic}
        <input
          type="text"
          value={topic.value}
          placeholder={m.value.topicHint}
          maxLength={charactersIn(MAX_TOPIC_BYTES)}
          onInput={({ currentTarget }) => {
            topic.value = currentTarget.value;
          }}
        />
      </label>
      {isChanged && (
        <button type="submit" class="primary-button">
          {t.value.save}
        </button>
      )}
    </form>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint: string;
  readonly on: boolean;
  /** Resolves to whether the room accepted the change. */
  readonly set: (on: boolean) => Promise<boolean>;
}

function Switch({ label, hint, on, set }: SwitchProps) {
  return (
    <label class="setting">
      <span>
        {label}
        <span class="hint setting-hint">{hint}</span>
      </span>
      <input
        type="checkbox"
        checked={on}
        onChange={async ({ currentTarget: box }) => {
          const wanted = box.checked;
          if (!(await set(wanted))) box.checked = !wanted;
        }}
      />
    </label>
  );
}

/** What affects everyone in the room and asks before. */
export function RoomDangers() {
  const { client, membership, name } = useOpenRoom();
  const { closed } = membership.settings.value;
  const title = roomTitle(name);
  const wipe = (): void => {
    const run = (): void => void attempt(client, client.wipe(), m.peek().wiped);
    const { wipe, wipeText } = m.peek();
    dialog.value = { type: "confirm", title: wipe, text: wipeText(title), label: wipe, run };
  };
  const close = (): void => {
    const run = (): void => void attempt(client, client.setRoom({ closed: true }), m.peek().closed);
    const { close, closeText } = m.peek();
    dialog.value = { type: "confirm", title: close, text: closeText(title), label: close, run };
  };
  const replaceOwner = (): void => {
    const run = async (): Promise<void> => {
      const { newOwnerSecret } = await import("../../client/secrets.ts");
      const secret = newOwnerSecret();
      if (!(await attempt(client, client.replaceOwner(secret)))) return;
      keepOwnerSecret(name, secret);
      dialog.value = { type: "owner-link", room: name };
    };
    const { newOwnerLink, newOwnerLinkText, makeOwnerLink } = m.peek();
    dialog.value = {
      type: "confirm",
      title: newOwnerLink,
      text: newOwnerLinkText,
      label: makeOwnerLink,
      run: () => void run(),
    };
  };
  return (
    <section class="dangers">
      <h3>{m.value.dangerous}</h3>
      <button type="button" class="plain-button" onClick={replaceOwner}>
        {m.value.newOwnerLink}
      </button>
      <button type="button" class="plain-button danger" onClick={wipe}>
        {m.value.wipe}
      </button>
      {closed ? (
        <button
          type="button"
          class="plain-button"
          onClick={() => void attempt(client, client.setRoom({ closed: false }))}
        >
          {m.value.openAgain}
        </button>
      ) : (
        <button type="button" class="plain-button danger" onClick={close}>
          {m.value.close}
        </button>
      )}
    </section>
  );
}
