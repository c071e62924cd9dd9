/** A file that is only downloaded: its name, type and size. */
import { useSignal } from "@preact/signals";
import { ChatError, type FileInfo } from "../../client/index.ts";
import { saveFile } from "../effects/download.ts";
import { f } from "../i18n/files.ts";
import { locale, t } from "../i18n/index.ts";
import { byteSize } from "../i18n/size.ts";
import { errorText } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { showToast } from "../state/ui.ts";
import { DOCUMENT, DOWNLOAD } from "./file-icons.ts";
import { Icon } from "./icon.tsx";

export function FileCard({ file }: { readonly file: FileInfo }) {
  const room = useOpenRoom();
  const isLoading = useSignal(false);
  const name = file.name ?? t.value.file;
  return (
    <button
      type="button"
      class="file-card"
      title={f.value.downloadFile(name)}
      aria-disabled={isLoading.value}
      onClick={async () => {
        if (isLoading.peek()) return;
        isLoading.value = true;
        await downloadFile(room, file);
        isLoading.value = false;
      }}
    >
      <Icon name={DOCUMENT} />
      <span class="file-card-text">
        <bdi class="file-card-name">{name}</bdi>
        <span class="hint">
          {isLoading.value
            ? f.value.downloading
            : f.value.typeAndSize(typeName(file), byteSize(file.bytes, locale.value))}
        </span>
      </span>
      <Icon name={DOWNLOAD} />
    </button>
  );
}

/** Saves a file of a message on this device, or shows why that is not possible. */
export async function downloadFile(room: OpenRoom, file: FileInfo): Promise<void> {
  try {
    const bytes = await room.client.download(file);
    saveFile(new Blob([bytes], { type: file.type }), file.name ?? t.peek().file);
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    showToast(error.code === "not_found" ? f.peek().gone : errorText(error));
  }
}

/** Returns what kind of file it is, as its name says: for example `PDF`. */
function typeName({ name = "", type }: FileInfo): string {
  const extension = /\.([\p{L}\p{N}]{1,5})$/u.exec(name)?.[1] ?? "";
  if (extension !== "") return extension.toUpperCase();
  return type === "application/octet-stream" ? "" : (type.split("/")[1] ?? "").toUpperCase();
}
