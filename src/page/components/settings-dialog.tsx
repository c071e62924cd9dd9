/** The dialog with the settings of this browser. */
import { useSignal } from "@preact/signals";
import { canHover, enterSends } from "../effects/media.ts";
import { allowNotifications, notificationsBlocked } from "../effects/notifications.ts";
import { LANGUAGE_NAMES, t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { dialog } from "../state/ui.ts";
import { changeSettings, muteRoom, type Settings, settings } from "../storage/settings.ts";
import { DialogFrame } from "./dialog-frame.tsx";

export function SettingsDialog() {
  const { name: room } = useOpenRoom();
  const { theme, language, notify, sound, muted, roomOrder } = settings.value;
  // The permission may have been denied since the setting was chosen.
  const blocked = useSignal(notify !== "none" && notificationsBlocked());
  const chooseNotify = async (choice: Settings["notify"]): Promise<void> => {
    blocked.value = choice !== "none" && !(await allowNotifications());
    changeSettings({ notify: blocked.peek() ? "none" : choice });
  };
  return (
    <DialogFrame kind="box" title={t.value.settings}>
      <div class="settings">
        <Choice
          label={t.value.theme}
          value={theme}
          options={[
            ["system", t.value.themeSystem],
            ["light", t.value.themeLight],
            ["dark", t.value.themeDark],
          ]}
          choose={(choice) => changeSettings({ theme: choice })}
        />
        <Choice
          label={t.value.language}
          value={language}
          options={[
            ["system", t.value.languageSystem],
            ["en", LANGUAGE_NAMES.en],
            ["zh", LANGUAGE_NAMES.zh],
          ]}
          choose={(choice) => changeSettings({ language: choice })}
        />
        <Choice
          label={t.value.roomOrder}
          value={roomOrder}
          options={[
            ["activity", t.value.roomOrderActivity],
            ["fixed", t.value.roomOrderFixed],
          ]}
          choose={(choice) => changeSettings({ roomOrder: choice })}
        />
        <Choice
          label={t.value.notifications}
          value={notify}
          options={[
            ["none", t.value.notifyNone],
            ["mentions", t.value.notifyMentions],
            ["all", t.value.notifyAll],
          ]}
          choose={(choice) => void chooseNotify(choice)}
        />
        {blocked.value && (
          <p class="hint" role="alert">
            {t.value.notifyBlocked}
          </p>
        )}
        <Switch label={t.value.sound} on={sound} set={(on) => changeSettings({ sound: on })} />
        <Switch label={t.value.mute} on={muted.includes(room)} set={(on) => muteRoom(room, on)} />
        <Switch
          label={t.value.enterSends}
          on={enterSends.value}
          set={(on) => changeSettings({ enterSends: on })}
        />
        {canHover.value && (
          <button type="button" class="text-button" onClick={() => (dialog.value = { type: "keys" })}>
            {t.value.keyboardHelp}
          </button>
        )}
      </div>
    </DialogFrame>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly choose: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, choose }: ChoiceProps<T>) {
  return (
    <label class="setting">
      <span>{label}</span>
      <select
        value={value}
        onChange={(event) => {
          const chosen = options[event.currentTarget.selectedIndex];
          if (chosen !== undefined) choose(chosen[0]);
        }}
      >
        {options.map(([option, name]) => (
          <option key={option} value={option} selected={option === value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  readonly set: (on: boolean) => void;
}

function Switch({ label, on, set }: SwitchProps) {
  return (
    <label class="setting">
      <span>{label}</span>
      <input type="checkbox" checked={on} onChange={(event) => set(event.currentTarget.checked)} />
    </label>
  );
}
