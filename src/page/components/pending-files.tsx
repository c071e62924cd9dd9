/** The files of an own message that is not in the room yet, laid out as they will be there. */
import { locale, t } from "../i18n/index.ts";
import { byteSize } from "../i18n/size.ts";
import type { Attachment } from "../state/attachment.ts";
import type { Attachments, WaitingMessage } from "../state/attachments.ts";
import { useOpenRoom } from "../state/context.ts";
import type { PendingSend } from "../state/pending.ts";
import { fileErrorText, Progress } from "./attachment-list.tsx";
import { Delivery, deliveryText } from "./delivery.tsx";
import { DOCUMENT } from "./file-icons.ts";
import { Icon } from "./icon.tsx";
import { PictureGrid } from "./picture.tsx";
import { Rejected } from "./rejected.tsx";

export function PendingFiles({ send }: { readonly send: PendingSend }) {
  const files = useOpenRoom().composer.files.value;
  const message = files?.waiting.value.find(({ id }) => id === send.id);
  // The browser has lost what it stored of the message. The outbox has it, with files that are uploaded.
  if (files === null || message === undefined) return <Delivery send={send} />;
  const pictures = message.files.filter(({ isPicture }) => isPicture);
  const sizes = pictures.flatMap(({ stored }) => stored.value.picture ?? []);
  return (
    <div class="message-files">
      {pictures.length > 0 && (
        <PictureGrid sizes={sizes}>
          {pictures.map((attachment) => (
            <span class="picture" key={attachment.stored.peek().key}>
              <span class="picture-frame">
                {attachment.preview.value !== null && (
                  <img
                    src={attachment.preview.value}
                    alt={t.value.picture(attachment.stored.value.alt ?? "")}
                  />
                )}
                <Progress attachment={attachment} />
              </span>
            </span>
          ))}
        </PictureGrid>
      )}
      {message.files
        .filter(({ isPicture }) => !isPicture)
        .map((attachment) => (
          <PendingCard key={attachment.stored.peek().key} attachment={attachment} />
        ))}
      <Failures message={message} />
      <FileDelivery send={send} files={files} message={message} />
    </div>
  );
}

interface FileDeliveryProps {
  readonly send: PendingSend;
  readonly files: Attachments;
  readonly message: WaitingMessage;
}

function FileDelivery({ send, files, message }: FileDeliveryProps) {
  const { composer } = useOpenRoom();
  const { entry, id } = send;
  const takeBack = (): void => composer.takeBack(send);
  const isFailed = message.files.some(({ status }) => status.value.type === "failed");
  if (isFailed || entry?.status === "failed")
    return (
      <Rejected
        error={entry?.error}
        what={t.value.notSent}
        onEdit={takeBack}
        onRetry={() => files.retry(id)}
        onDiscard={() => files.discard(id)}
      />
    );
  return (
    <p class="delivery">
      {deliveryText(entry?.retryAt)}
      {/* Once it is in the outbox, the room may have it. */}
      {entry === undefined && composer.editing.value === null && (
        <button
          type="button"
          class="text-button"
          onClick={() => {
            takeBack();
            composer.focus();
          }}
        >
          {t.value.cancel}
        </button>
      )}
    </p>
  );
}

function PendingCard({ attachment }: { readonly attachment: Attachment }) {
  const { name, bytes } = attachment.stored.value;
  return (
    <span class="file-card">
      <Icon name={DOCUMENT} />
      <span class="file-card-text">
        <bdi class="file-card-name">{name}</bdi>
        <span class="hint">{byteSize(bytes, locale.value)}</span>
      </span>
      <Progress attachment={attachment} />
    </span>
  );
}

/** Why files are not uploaded. */
function Failures({ message }: { readonly message: WaitingMessage }) {
  const most = useOpenRoom().membership.fileLimits.value?.bytes ?? 0;
  return message.files.map(({ status, stored }) => {
    const { type, ...rest } = status.value;
    if (!("error" in rest)) return null;
    const { key, name } = stored.peek();
    return (
      <p key={key} class="delivery failed">
        <bdi>{name}</bdi>: {fileErrorText(rest.error, most)}
      </p>
    );
  });
}
