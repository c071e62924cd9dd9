/** Inspection: what a file is, decided from its bytes alone, and the bytes that are stored of it. */
import { imageDimensionsFromData } from "image-dimensions";
import { accept, MAX_PIXELS, type Result, reject } from "../protocol/index.ts";
import { checkAvif, isAvif } from "./pictures/avif.ts";
import { hasText, type Picture } from "./pictures/bytes.ts";
import { isTurned } from "./pictures/exif.ts";
import { cleanGif } from "./pictures/gif.ts";
import { cleanJpeg } from "./pictures/jpeg.ts";
import { cleanPng, PNG_SIGNATURE } from "./pictures/png.ts";
import { cleanWebp } from "./pictures/webp.ts";
import { downloadType } from "./signatures.ts";

/** Inspected is a file as it is stored. */
export interface Inspected {
  /** Media type. */
  readonly type: string;
  /** Without metadata, if it is a picture. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Size of a picture as it is shown, in pixels. */
  readonly w?: number;
  readonly h?: number;
}

interface PictureFormat {
  readonly type: string;
  matches(bytes: Uint8Array): boolean;
  /** Returns the picture without metadata, or `null` if it is broken. */
  clean(bytes: Uint8Array<ArrayBuffer>): Picture | null;
}

const FORMATS: readonly PictureFormat[] = [
  { type: "image/png", matches: (bytes) => hasText(bytes, PNG_SIGNATURE), clean: cleanPng },
  { type: "image/jpeg", matches: (bytes) => hasText(bytes, "\xff\xd8\xff"), clean: cleanJpeg },
  {
    type: "image/webp",
    matches: (bytes) => hasText(bytes, "RIFF") && hasText(bytes, "WEBP", 8),
    clean: cleanWebp,
  },
  {
    type: "image/gif",
    matches: (bytes) => hasText(bytes, "GIF87a") || hasText(bytes, "GIF89a"),
    clean: cleanGif,
  },
  { type: "image/avif", matches: isAvif, clean: checkAvif },
];

/**
 * Returns a file as it is stored, or why it is not.
 *
 * @param bytes - begin at the start of their buffer
 * @param hint - the type that the client states: it counts only for a file whose bytes have no signature
 */
export function inspect(bytes: Uint8Array<ArrayBuffer>, hint: string): Result<Inspected> {
  const format = FORMATS.find(({ matches }) => matches(bytes));
  if (format === undefined) return accept({ type: downloadType(bytes, hint), bytes });
  const { type } = format;
  const picture = format.clean(bytes);
  const size = picture && imageDimensionsFromData(picture.bytes);
  if (picture === null || !size || size.width < 1 || size.height < 1)
    return reject("bad_request", "the picture is broken");
  if (size.width * size.height > MAX_PIXELS)
    return reject("bad_request", `the picture has more than ${MAX_PIXELS / 1_000_000} megapixels`);
  const [w, h] = isTurned(picture.orientation) ? [size.height, size.width] : [size.width, size.height];
  return accept({ type, bytes: picture.bytes, w, h });
}
