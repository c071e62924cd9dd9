/** The dialog that saves the messages of a room in a file. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import {
  DownloadError,
  downloadRoom,
  type ExportFormatName,
  fileName,
  saveFile,
} from "../effects/download.ts";
import { findTexts } from "../i18n/find.ts";
import { locale, t } from "../i18n/index.ts";
import { byteSize } from "../i18n/size.ts";
import { roomTitle } from "../state/room-names.ts";
import { DialogFrame } from "./dialog-frame.tsx";

type Step =
  | { readonly type: "choice" }
  | { readonly type: "running"; readonly bytes: number }
  | { readonly type: "saved"; readonly text: string; readonly warning: string }
  | { readonly type: "failed"; readonly text: string };

const FORMATS: readonly ExportFormatName[] = ["txt", "html", "jsonl"];

export function DownloadDialog({ room }: { readonly room: string }) {
  const texts = findTexts.value;
  const format = useSignal<ExportFormatName>("txt");
  const step = useSignal<Step>({ type: "choice" });
  const request = useRef(new AbortController());
  const { value } = step;
  const isRunning = value.type === "running";
  useEffect(() => () => request.current.abort(), []);

  const start = async (): Promise<void> => {
    request.current = new AbortController();
    const { signal } = request.current;
    step.value = { type: "running", bytes: 0 };
    try {
      const { blob, ending } = await downloadRoom(room, format.peek(), signal, (bytes) => {
        step.value = { type: "running", bytes };
      });
      const name = fileName(roomTitle(room), format.peek());
      saveFile(blob, name);
      const warning = { complete: "", wiped: texts.wiped, "cut-off": texts.cutOff }[ending];
      step.value = { type: "saved", text: texts.saved(name, byteSize(blob.size, locale.peek())), warning };
    } catch (error) {
      step.value = signal.aborted ? { type: "choice" } : { type: "failed", text: failureText(error) };
    }
  };
  return (
    <DialogFrame kind="box" title={texts.download}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isRunning) request.current.abort();
          else void start();
        }}
      >
        <p class="hint">{texts.downloadHint(roomTitle(room))}</p>
        <fieldset class="formats" disabled={isRunning}>
          <legend class="visually-hidden">{texts.format}</legend>
          {FORMATS.map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="format"
                checked={format.value === name}
                onChange={() => {
                  format.value = name;
                  step.value = { type: "choice" };
                }}
              />
              <span>
                {texts.formats[name]}
                <span class="hint">{texts.formatHints[name]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {isRunning && (
          <div class="download-progress">
            <progress aria-label={texts.download} />
            <span class="hint">{texts.progress(byteSize(value.bytes, locale.value))}</span>
          </div>
        )}
        <p class="hint" role="status" data-invalid={value.type === "failed"}>
          {(value.type === "saved" || value.type === "failed") && value.text}
        </p>
        {value.type === "saved" && value.warning !== "" && (
          <p class="download-warning" role="alert">
            {value.warning}
          </p>
        )}
        <button type="submit" class="primary-button">
          {isRunning ? t.value.cancel : texts.start}
        </button>
      </form>
    </DialogFrame>
  );
}

function failureText(error: unknown): string {
  const texts = findTexts.peek();
  const { reason, retryAfter } = error instanceof DownloadError ? error : new DownloadError("unavailable");
  switch (reason) {
    case "forbidden":
      return texts.forbidden;
    case "too-many":
      return texts.tooMany(retryAfter);
    case "interrupted":
      return texts.interrupted;
    case "unavailable":
      return texts.unavailable;
  }
}
