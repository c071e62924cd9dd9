/** A picture of a message: its blurred preview at once, the picture when it is near the view. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { FileInfo } from "../../client/index.ts";
import { PICTURE_TYPES } from "../../protocol/files.ts";
import { wantsLessMotion } from "../effects/media.ts";
import { f } from "../i18n/files.ts";
import { t } from "../i18n/index.ts";
import { readBlur } from "../pictures/blur.ts";
import { useOpenRoom } from "../state/context.ts";
import { picturesOf } from "../state/picture-source.ts";
import { NO_PICTURE } from "./file-icons.ts";
import { Icon } from "./icon.tsx";

/** PictureInfo is a file that is shown as a picture. */
export type PictureInfo = FileInfo & Size;

interface Size {
  /** Size of the picture, px. */
  readonly w: number;
  readonly h: number;
}

export function isPicture(file: FileInfo): file is PictureInfo {
  return PICTURE_TYPES.has(file.type) && file.w !== undefined && file.h !== undefined;
}

/** Proportions of the box of a single picture: what is beyond is cut off. */
const NARROWEST = 0.4;
const WIDEST = 3;

interface PictureGridProps {
  readonly sizes: readonly Size[];
  readonly children: ComponentChildren;
}

/** The layout of pictures: one in its proportions, several in squares. It depends on their sizes only. */
export function PictureGrid({ sizes, children }: PictureGridProps) {
  const [first] = sizes;
  const ratio = first === undefined ? 1 : first.w / first.h;
  const box = { "--ratio": Math.max(NARROWEST, Math.min(WIDEST, ratio)), "--width": `${first?.w ?? 0}px` };
  return (
    <div class="pictures" data-count={sizes.length} style={sizes.length === 1 ? box : undefined}>
      {children}
    </div>
  );
}

interface PictureProps {
  readonly file: PictureInfo;
  readonly onOpen: () => void;
}

/** A picture that opens the viewer. */
export function Picture({ file, onOpen }: PictureProps) {
  const sources = picturesOf(useOpenRoom());
  const open = (): void => {
    const { type } = sources.of(file).peek();
    if (type === "failed") void sources.load(file);
    else if (type !== "gone") onOpen();
  };
  return (
    <button type="button" class="picture" aria-label={t.value.picture(file.alt ?? "")} onClick={open}>
      <PictureImage file={file} lazy />
    </button>
  );
}

interface PictureImageProps {
  readonly file: PictureInfo;
  /** Loads the picture only when it is near the view. */
  readonly lazy?: boolean;
}

/** The picture itself over its preview, or why it is not shown. */
export function PictureImage({ file, lazy = false }: PictureImageProps) {
  const sources = picturesOf(useOpenRoom());
  const source = sources.of(file).value;
  const isLoaded = useSignal(false);
  const frame = useRef<HTMLSpanElement>(null);
  const blur = useMemo(() => (file.blur === undefined ? null : readBlur(file.blur)), [file.blur]);
  useEffect(() => {
    if (source.type !== "waiting" || frame.current === null) return undefined;
    if (!lazy) {
      void sources.load(file);
      return undefined;
    }
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) void sources.load(file);
      },
      { rootMargin: "100%" },
    );
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [source, sources, file, lazy]);
  // The viewer shows it if the user wants to see it move.
  const isStill = lazy && wantsLessMotion.value && file.type === "image/gif";
  // It stays behind an opaque picture, which browsers draw some time after they have loaded it.
  const hasBlur = blur !== null && source.type !== "gone" && !(blur.hasAlpha && isLoaded.value);
  return (
    <span class="picture-frame" ref={frame} style={{ backgroundImage: hasBlur ? `url(${blur.url})` : "" }}>
      {isStill && <span class="picture-note">GIF</span>}
      {source.type === "url" && !isStill && (
        <img
          key={source.url}
          src={source.url}
          alt={file.alt ?? ""}
          width={file.w}
          height={file.h}
          loading={lazy ? "lazy" : "eager"}
          decoding="async"
          draggable={false}
          onLoad={() => {
            isLoaded.value = true;
          }}
          onError={() => {
            isLoaded.value = false;
            void sources.load(file);
          }}
        />
      )}
      {(source.type === "gone" || source.type === "failed") && (
        <span class="picture-note">
          <Icon name={NO_PICTURE} />
          {source.type === "gone" ? f.value.gone : f.value.notLoaded}
        </span>
      )}
    </span>
  );
}
