/** The link that makes whoever opens it an owner of a room, and ways to keep it. */
import { copyText } from "../effects/clipboard.ts";
import { entryTexts } from "../i18n/entry.ts";
import { roomAddress, roomTitle } from "../state/room-names.ts";
import { ownerSecret } from "../storage/room-secrets.ts";
import { Icon } from "./icon.tsx";
import { LinkField } from "./link-field.tsx";

/** Returns the owner link of `room`, or `null` if this browser does not know its secret. */
export function ownerLink(room: string): string | null {
  const secret = ownerSecret(room);
  return secret === null ? null : `${roomAddress(room)}#owner=${secret}`;
}

interface OwnerLinkProps {
  readonly room: string;
  readonly link: string;
}

export function OwnerLink({ room, link }: OwnerLinkProps) {
  const texts = entryTexts.value;
  return (
    <>
      <p>{texts.ownerLinkHint}</p>
      <LinkField label={texts.ownerLink} link={link} />
      <div class="button-row">
        <button
          type="button"
          class="secondary-button"
          onClick={() => void copyText(link, texts.ownerLinkCopied)}
        >
          <Icon name="copy" />
          {texts.copyOwnerLink}
        </button>
        <button type="button" class="secondary-button" onClick={() => save(room, link)}>
          <Icon name="down" />
          {texts.saveOwnerLink}
        </button>
      </div>
    </>
  );
}

/** Saves the link in a text file. */
function save(room: string, link: string): void {
  const { ownerLink: title, ownerLinkHint } = entryTexts.peek();
  const text = `${roomTitle(room)}: ${title}\n\n${link}\n\n${ownerLinkHint}\n`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const file = document.createElement("a");
  file.href = address;
  file.download = `${room}-owner.txt`;
  file.click();
  URL.revokeObjectURL(address);
}
