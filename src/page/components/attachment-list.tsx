/** The files of the new message above the text field: previews with a description, the progress of the upload, errors. */
import type { ChatError } from "../../client/index.ts";
import { f } from "../i18n/files.ts";
import { locale } from "../i18n/index.ts";
import { byteSize } from "../i18n/size.ts";
import type { Attachment, AttachmentError } from "../state/attachment.ts";
import type { Attachments } from "../state/attachments.ts";
import { errorText } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { DOCUMENT } from "./file-icons.ts";
import { Icon } from "./icon.tsx";

/** Characters that surely fit into a description. */
const MAX_CHARACTERS = 333;

export function AttachmentList({ files }: { readonly files: Attachments }) {
  const attached = files.draft.value;
  return (
    <>
      <p class="visually-hidden" role="status">
        {f.value.attachedCount(attached.length)}
      </p>
      {/* biome-ignore lint/a11y/noRedundantRoles: Safari does not treat a list without bullets as a list */}
      <ul class="attachments" role="list" aria-label={f.value.attached}>
        {attached.map((attachment) => (
          <AttachmentView key={attachment.stored.peek().key} files={files} attachment={attachment} />
        ))}
      </ul>
    </>
  );
}

interface AttachmentViewProps {
  readonly files: Attachments;
  readonly attachment: Attachment;
}

function AttachmentView({ files, attachment }: AttachmentViewProps) {
  const { composer } = useOpenRoom();
  const status = attachment.status.value;
  const { name, bytes } = attachment.stored.value;
  const preview = attachment.preview.value;
  const remove = f.value.removeFile(name);
  return (
    <li class="attachment" data-failed={status.type === "failed"}>
      <div class="attachment-view" data-busy={status.type !== "uploaded"}>
        {preview === null ? <Icon name={DOCUMENT} /> : <img src={preview} alt="" />}
        <Progress attachment={attachment} />
        <button
          type="button"
          class="attachment-remove"
          aria-label={remove}
          title={remove}
          onClick={() => {
            files.remove(attachment);
            composer.focus();
          }}
        >
          <Icon name="close" />
        </button>
      </div>
      {status.type === "failed" ? (
        <AttachmentFailure files={files} attachment={attachment} error={status.error} />
      ) : attachment.isPicture ? (
        <input
          type="text"
          class="attachment-alt"
          aria-label={f.value.descriptionOf(name)}
          placeholder={f.value.description}
          maxLength={MAX_CHARACTERS}
          value={attachment.alt.value}
          onInput={({ currentTarget }) => files.describe(attachment, currentTarget.value)}
          onKeyDown={(event) => {
            // The description is done, not the message.
            if (event.key !== "Enter" || event.isComposing) return;
            event.preventDefault();
            composer.focus();
          }}
        />
      ) : (
        <p class="attachment-name" title={name}>
          <bdi>{name}</bdi> <span class="hint">{byteSize(bytes, locale.value)}</span>
        </p>
      )}
    </li>
  );
}

/** How far the upload is. */
export function Progress({ attachment }: { readonly attachment: Attachment }) {
  const status = attachment.status.value;
  const { name } = attachment.stored.value;
  if (status.type === "uploaded" || status.type === "failed") return null;
  // Without a value, the bar shows that something is going on.
  const share = status.type === "uploading" ? { value: status.share } : {};
  if (status.type === "waiting") return <span class="attachment-note">{f.value.waiting}</span>;
  return <progress class="upload-progress" aria-label={f.value.uploading(name)} max={1} {...share} />;
}

interface AttachmentFailureProps extends AttachmentViewProps {
  readonly error: AttachmentError;
}

/** Why a file is not uploaded. */
function AttachmentFailure({ files, attachment, error }: AttachmentFailureProps) {
  const limits = useOpenRoom().membership.fileLimits.value;
  return (
    <p class="attachment-error" role="alert">
      {fileErrorText(error, limits?.bytes ?? 0)}
      {attachment.blob !== null && (
        <button type="button" class="text-button" onClick={() => files.retryUpload(attachment)}>
          {f.value.retry}
        </button>
      )}
    </p>
  );
}

/** Returns which quota is full, or `undefined`. Only the sentence of the room says so. */
function quotaText({ cause, message }: ChatError): string | undefined {
  const [, owner = ""] = /\bthis (\w+)/.exec(cause === "quota" ? message : "") ?? [];
  return f.value.quotas[owner];
}

/** Returns why a file is not sent. `most` is the size that a file can have, bytes. */
export function fileErrorText(error: AttachmentError, most: number): string {
  const code = typeof error === "string" ? error : error.code;
  switch (code) {
    case "unreadable":
      return f.value.unreadable;
    case "lost":
      return f.value.lost;
    case "too_long":
      return f.value.tooLong(byteSize(most, locale.value));
    case "bad_request":
      return f.value.refused;
    case "not_found":
      return f.value.noService;
    default:
      return typeof error === "string" ? "" : (quotaText(error) ?? errorText(error));
  }
}
