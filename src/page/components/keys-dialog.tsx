/** The list of keyboard shortcuts. */
import { IS_MAC } from "../effects/shortcuts.ts";
import { t } from "../i18n/index.ts";
import { keyTexts } from "../i18n/keys.ts";
import { DialogFrame } from "./dialog-frame.tsx";

type Row = readonly [keys: readonly string[], what: string];

/** Label of the key that commands need. */
const COMMAND = IS_MAC ? "⌘" : "Ctrl";

export function KeysDialog() {
  const { keys } = keyTexts.value;
  return (
    <DialogFrame kind="box" title={t.value.keyboardHelp}>
      <KeyTable
        title={keyTexts.value.keysInComposer}
        rows={[
          [["Enter"], keys.send],
          [["Shift", "Enter"], keys.newline],
          [["↑"], keys.editLast],
          [["@"], keys.mention],
          [[":"], keys.emoji],
          [["Esc"], keys.leave],
        ]}
      />
      <KeyTable
        title={keyTexts.value.keysInMessage}
        rows={[
          [["↑", "↓"], keys.browse],
          [["Home", "End"], keys.firstLast],
          [["Enter"], keys.menu],
          [["R"], keys.reply],
          [["+"], keys.react],
          [["E"], keys.edit],
          [["Del"], keys.delete],
          [["C"], keys.copy],
          [["L"], keys.link],
          [["P"], keys.person],
        ]}
      />
      <KeyTable
        title={keyTexts.value.keysAnywhere}
        rows={[
          [[COMMAND, "F"], t.value.searchMessages],
          [[COMMAND, "K"], keys.switchRoom],
          [["Alt", "↑↓"], keys.nextRoom],
          [["/"], keys.compose],
          [["?"], keys.help],
        ]}
      />
    </DialogFrame>
  );
}

function KeyTable({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  return (
    <section class="keys">
      <h3>{title}</h3>
      <dl>
        {rows.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
