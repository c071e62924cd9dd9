/** The files of a message: pictures, laid out before they are loaded, and cards of other files. */
import type { FileInfo } from "../../client/index.ts";
import { dialog } from "../state/ui.ts";
import { FileCard } from "./file-card.tsx";
import { isPicture, Picture, PictureGrid } from "./picture.tsx";

interface MessageFilesProps {
  /** Seq of the message. */
  readonly seq: number;
  readonly files: readonly FileInfo[];
}

export function MessageFiles({ seq, files }: MessageFilesProps) {
  const pictures = files.filter(isPicture);
  return (
    <div class="message-files" id={`files-${seq}`}>
      {pictures.length > 0 && (
        <PictureGrid sizes={pictures}>
          {pictures.map((file) => (
            <Picture
              key={file.id}
              file={file}
              onOpen={() => {
                dialog.value = { type: "viewer", seq, file: file.id };
              }}
            />
          ))}
        </PictureGrid>
      )}
      {files
        .filter((file) => !isPicture(file))
        .map((file) => (
          <FileCard key={file.id} file={file} />
        ))}
    </div>
  );
}
