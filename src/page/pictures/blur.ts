/** Blurred previews of pictures, as ThumbHashes in base64url. */
import { rgbaToThumbHash, thumbHashToDataURL } from "thumbhash";

/** Longest side of the picture that a preview is made of, px. */
export const BLUR_SIZE = 100;

/** Returns the preview of a picture of at most `BLUR_SIZE` by `BLUR_SIZE` pixels. */
export function blurOf({ width, height, data }: Pick<ImageData, "width" | "height" | "data">): string {
  const text = String.fromCharCode(...rgbaToThumbHash(width, height, data));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Blur is a preview that can be shown. */
export interface Blur {
  /** Address of the picture. */
  readonly url: string;
  /** Parts of the picture are transparent. */
  readonly hasAlpha: boolean;
}

/** Returns what a preview shows, or `null` if it is broken: anybody can send one. */
export function readBlur(blur: string): Blur | null {
  try {
    const text = atob(blur.replaceAll("-", "+").replaceAll("_", "/"));
    const hash = Uint8Array.from(text, (char) => char.charCodeAt(0));
    // The last bit of the header of a ThumbHash.
    return { url: thumbHashToDataURL(hash), hasAlpha: ((hash[2] ?? 0) & 0x80) !== 0 };
  } catch {
    return null;
  }
}
