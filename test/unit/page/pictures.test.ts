// Recognising pictures, removing metadata, previews, sizes, zoom.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blurOf, readBlur } from "../../../src/page/pictures/blur.ts";
import { imageKind } from "../../../src/page/pictures/image-type.ts";
import { withoutMetadata } from "../../../src/page/pictures/metadata.ts";
import { fitted, nameFor } from "../../../src/page/pictures/prepare.ts";
import { FITTED, movedBy, swipeOf, zoomedAt } from "../../../src/page/pictures/zoom.ts";
import {
  bytes,
  exif,
  gif,
  jpeg,
  png,
  pngChunk,
  segment,
  webp,
  webpChunk,
} from "../../helpers/picture-bytes.ts";

describe("the kind of a picture", () => {
  test.each([
    ["a PNG", png(pngChunk("IHDR"), pngChunk("IDAT")), { type: "image/png", animated: false }],
    ["an animated PNG", png(pngChunk("IHDR"), pngChunk("acTL")), { type: "image/png", animated: true }],
    ["a JPEG", jpeg(), { type: "image/jpeg", animated: false }],
    ["a WebP", webp(webpChunk("VP8 ", "x")), { type: "image/webp", animated: false }],
    [
      "an animated WebP",
      webp(webpChunk("VP8X", "0123456789"), webpChunk("ANIM", "x")),
      { type: "image/webp", animated: true },
    ],
    ["a GIF", gif(1), { type: "image/gif", animated: false }],
    ["an animated GIF", gif(3), { type: "image/gif", animated: true }],
    [
      "an AVIF",
      bytes([0, 0, 0, 28], "ftypmif1", [0, 0, 0, 0], "mif1avif"),
      { type: "image/avif", animated: false },
    ],
    ["an SVG", bytes("<svg xmlns="), null],
    ["a video", bytes([0, 0, 0, 28], "ftypisom", [0, 0, 0, 0], "isommp42"), null],
    ["nothing", bytes(), null],
  ])("of %s", (_, file, kind) => {
    expect(imageKind(file)).toEqual(kind);
  });

  test("is found in any bytes without an exception, and metadata is removed from any", () => {
    const start = fc.constantFrom(
      png(),
      jpeg().subarray(0, 3),
      bytes("RIFF1234WEBP"),
      gif(0),
      bytes("1234ftypavif"),
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (head, rest) => {
        imageKind(bytes(head, rest));
        withoutMetadata(bytes(head, rest));
      }),
    );
  });
});

describe("metadata", () => {
  test("is removed from a PNG", () => {
    const [head, body, end] = [pngChunk("IHDR", "x"), pngChunk("IDAT", "x"), pngChunk("IEND")];
    const file = png(
      head,
      pngChunk("tEXt", "secret"),
      pngChunk("eXIf", "secret"),
      body,
      pngChunk("tIME", "x"),
      end,
    );
    expect(withoutMetadata(bytes(file, "rest"))).toEqual(png(head, body, end));
  });

  test("is removed from a WebP, whose header no longer announces it", () => {
    const body = webpChunk("VP8 ", "odd");
    const file = webp(
      webpChunk("VP8X", "\x1f123456789"),
      body,
      webpChunk("EXIF", "secret"),
      webpChunk("XMP ", "secret"),
    );
    expect(withoutMetadata(file)).toEqual(webp(webpChunk("VP8X", "\x13123456789"), body));
  });

  test("is removed from a JPEG with several scans, and what follows its end", () => {
    const kept = [segment(0xe0, "JFIF"), segment(0xe2, "ICC"), segment(0xdb, "x"), segment(0xee, "Adobe")];
    const file = jpeg(
      ...kept.slice(0, 2),
      exif(1),
      segment(0xed, "secret"),
      segment(0xfe, "secret"),
      ...kept.slice(2),
    );
    expect(withoutMetadata(bytes(file, "secret"))).toEqual(jpeg(...kept));
  });

  test("is needed by a JPEG that must be turned", () => {
    expect(withoutMetadata(jpeg(exif(6)))).toBeNull();
    expect(withoutMetadata(jpeg(exif(1).subarray(0, 20)))).toBeNull();
  });

  test.each([
    ["a PNG without an end", png(pngChunk("IHDR"), pngChunk("IDAT"))],
    ["a JPEG without an end", jpeg().subarray(0, -2)],
    ["a WebP without a chunk", webp()],
    ["another file", bytes("%PDF")],
  ])("of %s is not removed: it cannot be sent as it is", (_, file) => {
    expect(withoutMetadata(file)).toBeNull();
  });
});

describe("a preview", () => {
  test("is short, and shows about the same colour", () => {
    const data = new Uint8ClampedArray(4 * 20 * 10).map((_, index) => [200, 40, 40, 255][index % 4] ?? 0);
    const blur = blurOf({ width: 20, height: 10, data });
    expect(blur).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(readBlur(blur)).toEqual({
      url: expect.stringMatching(/^data:image\/png;base64,/),
      hasAlpha: false,
    });
    const clear = { width: 2, height: 1, data: Uint8ClampedArray.of(0, 0, 0, 0, 255, 0, 0, 255) };
    expect(readBlur(blurOf(clear))?.hasAlpha).toBe(true);
  });

  test("of another sender is any text, and never an exception", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{0,64}$/), (blur) => {
        const url = readBlur(blur)?.url ?? "data:";
        expect(url).toMatch(/^data:/);
        expect(url.length).toBeLessThan(20_000);
      }),
    );
  });
});

test("a size keeps its proportions within the limit", () => {
  expect(fitted(4_000, 3_000, 2_048)).toEqual({ w: 2_048, h: 1_536 });
  expect(fitted(30, 20, 2_048)).toEqual({ w: 30, h: 20 });
  expect(fitted(9_000, 1, 2_048)).toEqual({ w: 2_048, h: 1 });
});

test("a name follows the type of its picture", () => {
  expect(nameFor("IMG 1.HEIC.png", "image/webp")).toBe("IMG 1.HEIC.webp");
  expect(nameFor("photo.JPEG", "image/jpeg")).toBe("photo.JPEG");
  expect(nameFor("image", "image/gif")).toBe("image.gif");
});

describe("the zoom", () => {
  test("keeps the point under the pointer in its place", () => {
    const zoom = zoomedAt(zoomedAt(FITTED, 2, { x: 30, y: -10 }), 1.5, { x: 30, y: -10 });
    expect(zoom.scale).toBe(3);
    // The point of the picture that is at the pointer: it was there before.
    expect([(30 - zoom.x) / 3, (-10 - zoom.y) / 3]).toEqual([30, -10]);
  });

  test("ends at both limits", () => {
    expect(zoomedAt({ scale: 2, x: 50, y: 5 }, 0.1)).toEqual(FITTED);
    expect(zoomedAt(FITTED, 100).scale).toBe(8);
  });

  test("moves a picture up to its edges, and not at all if it fits", () => {
    const [picture, view] = [
      { width: 200, height: 100 },
      { width: 200, height: 200 },
    ];
    expect(movedBy({ scale: 2, x: 0, y: 0 }, { x: -500, y: 500 }, picture, view)).toEqual({
      scale: 2,
      x: -100,
      y: 0,
    });
  });

  test("a swipe sideways leads on, one down closes, a short one does nothing", () => {
    expect(swipeOf({ x: 80, y: 20 })).toBe("previous");
    expect(swipeOf({ x: -80, y: 20 })).toBe("next");
    expect(swipeOf({ x: 20, y: 90 })).toBe("close");
    expect(swipeOf({ x: 20, y: -90 })).toBeNull();
    expect(swipeOf({ x: 40, y: 0 })).toBeNull();
  });
});
