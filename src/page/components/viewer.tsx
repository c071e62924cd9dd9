/** The viewer: one picture over the whole page. Keys, buttons and swipes lead to the other pictures that are loaded. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { TimelineMessage } from "../../client/index.ts";
import { f } from "../i18n/files.ts";
import { locale, t } from "../i18n/index.ts";
import { exactTime } from "../i18n/time.ts";
import { FITTED, type Zoom, zoomedAt } from "../pictures/zoom.ts";
import { useOpenRoom } from "../state/context.ts";
import { isConcealed } from "../state/hidden-people.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { downloadFile } from "./file-card.tsx";
import { DOWNLOAD, NEXT, PREVIOUS, ZOOM_IN, ZOOM_OUT } from "./file-icons.ts";
import { Icon, type IconName } from "./icon.tsx";
import { isPicture, type PictureInfo } from "./picture.tsx";
import { ViewerStage } from "./viewer-stage.tsx";

/** How much one step zooms. */
const STEP = 1.5;

interface Shown {
  readonly message: TimelineMessage;
  readonly file: PictureInfo;
}

interface ViewerProps {
  readonly seq: number;
  /** Id of the file to show first. */
  readonly file: string;
}

export function Viewer({ seq, file }: ViewerProps) {
  const room = useOpenRoom();
  const pictures = picturesIn(room);
  const at = useSignal({ seq, file });
  const zoom = useSignal<Zoom>(FITTED);
  const index = pictures.findIndex(
    ({ message, file }) => message.seq === at.value.seq && file.id === at.value.file,
  );
  const shown = pictures[index];
  const isShown = shown !== undefined;
  // The message was deleted.
  useEffect(() => {
    if (!isShown) closeDialog();
  }, [isShown]);
  const go = (to: number): void => {
    const next = pictures[to];
    if (next === undefined) return;
    at.value = { seq: next.message.seq, file: next.file.id };
    zoom.value = FITTED;
  };
  const zoomBy = (factor: number): void => {
    zoom.value = zoomedAt(zoom.peek(), factor);
  };
  useKeys({
    ArrowLeft: () => go(index - 1),
    ArrowRight: () => go(index + 1),
    Home: () => go(0),
    End: () => go(pictures.length - 1),
    "+": () => zoomBy(STEP),
    "=": () => zoomBy(STEP),
    "-": () => zoomBy(1 / STEP),
    "0": () => zoomBy(0),
  });
  if (shown === undefined) return null;
  const { message } = shown;
  const button = (icon: IconName, label: string, run: () => void, isOff = false) => (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      aria-disabled={isOff}
      onClick={run}
    >
      <Icon name={icon} />
    </button>
  );
  const alt = shown.file.alt ?? "";
  return (
    <DialogFrame
      kind="viewer"
      title={`${message.name}, ${exactTime(message.at, locale.value)}`}
      actions={
        <>
          {button(ZOOM_OUT, f.value.zoomOut, () => zoomBy(1 / STEP), zoom.value.scale === 1)}
          {button(ZOOM_IN, f.value.zoomIn, () => zoomBy(STEP))}
          {button(DOWNLOAD, f.value.download, () => void downloadFile(room, shown.file))}
        </>
      }
    >
      <div class="viewer-body">
        <ViewerStage
          file={shown.file}
          zoom={zoom}
          swiped={(to) => {
            if (to === "close") closeDialog();
            else go(index + (to === "next" ? 1 : -1));
          }}
        />
        {index > 0 && (
          <span class="viewer-previous">{button(PREVIOUS, f.value.previous, () => go(index - 1))}</span>
        )}
        {index < pictures.length - 1 && (
          <span class="viewer-next">{button(NEXT, f.value.next, () => go(index + 1))}</span>
        )}
      </div>
      <p class="viewer-caption" role="status">
        <span class={pictures.length > 1 ? "hint" : "visually-hidden"}>
          {f.value.position(index + 1, pictures.length)}
        </span>{" "}
        {alt === "" ? <span class="visually-hidden">{t.value.picture("")}</span> : <bdi>{alt}</bdi>}
      </p>
    </DialogFrame>
  );
}

/** Returns the pictures of the loaded messages, oldest first. */
function picturesIn(room: OpenRoom): readonly Shown[] {
  return room.state.value.timeline.items.flatMap((item) => {
    if (item.type !== "message" || isConcealed(room.name, item)) return [];
    return (item.files ?? []).filter(isPicture).map((file) => ({ message: item, file }));
  });
}

/** Runs an action for each key while the component is there. */
function useKeys(actions: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const act = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
