/** Says what the files of a message are, where only one line is shown. */
import { type FileInfo, PICTURE_TYPES } from "../../protocol/files.ts";
import { t } from "./index.ts";

/** Returns the number of pictures, or the names of the files if there are others. */
export function filesText(files: readonly Pick<FileInfo, "type" | "name" | "alt">[]): string {
  const [first] = files;
  if (files.some(({ type }) => !PICTURE_TYPES.has(type)))
    return files.map(({ name }) => name ?? t.value.file).join(", ");
  return files.length > 1 ? t.value.pictures(files.length) : first ? t.value.picture(first.alt ?? "") : "";
}
