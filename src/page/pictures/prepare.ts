/**
 * Prepares a chosen file for its message. Pictures are drawn anew, at most 2,048 px on the long side, which removes
 * everything but the picture: the place where it was taken, for example.
 */
import { BLUR_SIZE, blurOf } from "./blur.ts";
import { type ImageKind, type ImageType, imageKind } from "./image-type.ts";
import { withoutMetadata } from "./metadata.ts";

/** Longest side of a picture, px. */
export const MAX_SIDE = 2_048;
/** Quality of the lossy formats. */
const QUALITY = 0.85;
/** Bytes that tell the type of a picture, and whether it moves, in every file that is not a picture. */
const HEAD_BYTES = 64;

/** Prepared is a file as it is uploaded. */
export interface Prepared {
  readonly blob: Blob;
  readonly name: string;
  /** Size of a picture, px, and its blurred preview; absent for other files. */
  readonly picture?: { readonly w: number; readonly h: number; readonly blur: string };
}

/** UnreadableError says that a file looks like a picture and is none. */
export class UnreadableError extends Error {}

/** Returns the file as it is uploaded. Rejects with an UnreadableError, or if the file cannot be read at all. */
export async function prepare(file: File): Promise<Prepared> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  // A copy: a file on the disk may change or disappear before it is uploaded.
  if (imageKind(head) === null) return { blob: await copyOf(file, file.type), name: file.name };
  const bytes = new Uint8Array(await file.arrayBuffer());
  const kind = imageKind(bytes);
  if (kind === null) throw new UnreadableError();
  const bitmap = await decoded(file, kind);
  try {
    const { width, height } = bitmap;
    const { hasAlpha, blur } = previewOf(bitmap);
    const encoded = kind.animated ? null : await encodedAnew(bitmap, hasAlpha);
    const isSame = encoded !== null && encoded.w === width && encoded.h === height;
    const kept =
      encoded === null || (isSame && encoded.blob.size >= bytes.length) ? withoutMetadata(bytes) : null;
    if (kept !== null) {
      const blob = new Blob([kept], { type: kind.type });
      return { blob, name: nameFor(file.name, kind.type), picture: { w: width, h: height, blur } };
    }
    const { blob, w, h } = encoded ?? (await encodedAnew(bitmap, hasAlpha));
    return { blob, name: nameFor(file.name, blob.type), picture: { w, h, blur } };
  } finally {
    bitmap.close();
  }
}

async function copyOf(file: Blob, type: string): Promise<Blob> {
  return new Blob([await file.arrayBuffer()], { type });
}

async function decoded(file: File, { type }: ImageKind): Promise<ImageBitmap> {
  try {
    // The type that the bytes show: browsers believe that of the file.
    return await createImageBitmap(file.slice(0, file.size, type), { imageOrientation: "from-image" });
  } catch {
    throw new UnreadableError();
  }
}

/** Returns the size of a picture whose long side is at most `most` px. */
export function fitted(
  width: number,
  height: number,
  most: number,
): { readonly w: number; readonly h: number } {
  const scale = Math.min(1, most / Math.max(width, height));
  return { w: Math.max(1, Math.round(width * scale)), h: Math.max(1, Math.round(height * scale)) };
}

function drawn(bitmap: ImageBitmap, most: number) {
  const { w, h } = fitted(bitmap.width, bitmap.height, most);
  const canvas = new OffscreenCanvas(w, h);
  const context = canvas.getContext("2d");
  if (context === null) throw new UnreadableError();
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, w, h);
  return { canvas, context, w, h };
}

function previewOf(bitmap: ImageBitmap) {
  const { context, w, h } = drawn(bitmap, BLUR_SIZE);
  const pixels = context.getImageData(0, 0, w, h);
  const hasAlpha = pixels.data.some((value, index) => index % 4 === 3 && value < 255);
  return { hasAlpha, blur: blurOf(pixels) };
}

/** Returns the picture as WebP, or in browsers that do not write that, as JPEG or, with transparency, as PNG. */
async function encodedAnew(bitmap: ImageBitmap, hasAlpha: boolean) {
  const { canvas, w, h } = drawn(bitmap, MAX_SIDE);
  const encode = (type: ImageType): Promise<Blob> => canvas.convertToBlob({ type, quality: QUALITY });
  let blob = await encode("image/webp");
  // A browser that cannot write a type writes PNG instead.
  if (blob.type !== "image/webp" && !hasAlpha) blob = await encode("image/jpeg");
  return { blob, w, h };
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
};

/** Returns the name of a file whose type has become `type`. */
export function nameFor(name: string, type: string): string {
  const extension = EXTENSIONS[type];
  if (extension === undefined || (extension === "jpg" && /\.jpe?g$/i.test(name))) return name;
  return `${name.replace(/\.[^.]{1,5}$/, "")}.${extension}`;
}
