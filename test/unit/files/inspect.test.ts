// A corpus of good, bad and hostile files: what each is taken for, and what is stored of it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inspect } from "../../../src/files/inspect.ts";
import {
  type Bytes,
  concat,
  contains,
  exif,
  gifExtension,
  gifWith,
  jpegSegment,
  jpegWith,
  latin1,
  PICTURES,
  patched,
  pngChunk,
  pngWith,
  SECRET,
  webpChunk,
  webpWith,
} from "../../helpers/pictures.ts";

const EXIF = latin1("Exif\0\0");
const XMP = latin1("http://ns.adobe.com/xap/1.0/\0");
const TEXT = latin1(SECRET);
const HTML = latin1("<script>alert(1)</script>");
const BROKEN = { ok: false, error: { code: "bad_request", message: "the picture is broken" } };
const TOO_LARGE = { ok: false, error: { message: "the picture has more than 50 megapixels" } };

/** Returns what is stored of a file that must be accepted. */
function stored(bytes: Bytes, hint = "") {
  const result = inspect(bytes, hint);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const TYPES = {
  ...{ jpeg: "image/jpeg", progressiveJpeg: "image/jpeg" },
  ...{ png: "image/png", animatedPng: "image/png" },
  ...{ webp: "image/webp", losslessWebp: "image/webp", animatedWebp: "image/webp" },
  ...{ gif: "image/gif", animatedGif: "image/gif" },
  avif: "image/avif",
} as const;
const entries = Object.entries(TYPES) as [keyof typeof PICTURES, string][];

describe("a picture without metadata", () => {
  test.each(entries)("%s is %s, of 6 by 4 pixels, and has none of its bytes changed", (name, type) => {
    const bytes = PICTURES[name];
    const found = stored(bytes, "text/html");
    expect(found).toMatchObject({ type, w: 6, h: 4 });
    expect(Buffer.from(found.bytes).equals(bytes)).toBe(true);
  });
});

describe("metadata", () => {
  /** Pictures with something that must go, and the picture that must stay. */
  const cases: [string, Bytes, Bytes][] = [
    ["a position in the EXIF of a JPEG", jpegWith([jpegSegment(0xe1, EXIF, exif(1))]), PICTURES.jpeg],
    ["XMP in a JPEG", jpegWith([jpegSegment(0xe1, XMP, TEXT)]), PICTURES.jpeg],
    ["IPTC in a JPEG", jpegWith([jpegSegment(0xed, latin1("Photoshop 3.0\0"), TEXT)]), PICTURES.jpeg],
    ["a comment in a JPEG", jpegWith([jpegSegment(0xfe, TEXT, HTML)]), PICTURES.jpeg],
    ["an unknown segment in a JPEG", jpegWith([jpegSegment(0xe7, TEXT)]), PICTURES.jpeg],
    ["more pictures in a JPEG", jpegWith([jpegSegment(0xe2, latin1("MPF\0"), TEXT)]), PICTURES.jpeg],
    ["a comment before a scan", withSegmentBeforeScan(jpegSegment(0xfe, TEXT)), PICTURES.jpeg],
    [
      "EXIF in a progressive JPEG",
      jpegWith([jpegSegment(0xe1, EXIF, exif(1))], PICTURES.progressiveJpeg),
      PICTURES.progressiveJpeg,
    ],
    ["data after the end of a JPEG", concat(PICTURES.jpeg, TEXT), PICTURES.jpeg],
    [
      "a second picture after a JPEG",
      concat(PICTURES.jpeg, jpegWith([jpegSegment(0xe1, EXIF, exif(1))])),
      PICTURES.jpeg,
    ],
    ["text in a PNG", pngWith([pngChunk("tEXt", concat(latin1("Comment\0"), TEXT))]), PICTURES.png],
    ["compressed text in a PNG", pngWith([pngChunk("zTXt", TEXT)]), PICTURES.png],
    [
      "XMP in a PNG",
      pngWith([pngChunk("iTXt", concat(latin1("XML:com.adobe.xmp\0\0\0\0\0"), TEXT))]),
      PICTURES.png,
    ],
    ["a position in the EXIF of a PNG", pngWith([pngChunk("eXIf", exif(1))]), PICTURES.png],
    ["a time in a PNG", pngWith([pngChunk("tIME", new Uint8Array(7))]), PICTURES.png],
    ["a private chunk in a PNG", pngWith([pngChunk("caBX", TEXT)]), PICTURES.png],
    [
      "text in an animated PNG",
      pngWith([pngChunk("tEXt", TEXT)], PICTURES.animatedPng),
      PICTURES.animatedPng,
    ],
    ["data after the end of a PNG", concat(PICTURES.png, TEXT), PICTURES.png],
    ["a chunk after the end of a PNG", concat(PICTURES.png, pngChunk("tEXt", TEXT)), PICTURES.png],
    ["comments in a GIF", gifWith([gifExtension(0xfe, TEXT)]), PICTURES.gif],
    ["XMP in a GIF", gifWith([gifExtension(0xff, latin1("XMP DataXMP"), TEXT)]), PICTURES.gif],
    ["data after the end of a GIF", concat(PICTURES.gif, TEXT), PICTURES.gif],
    ["data after the end of a WebP", concat(PICTURES.webp, TEXT), PICTURES.webp],
    ["EXIF in a simple WebP", grown(PICTURES.webp, webpChunk("EXIF", exif(6))), PICTURES.webp],
    ["XMP in a WebP", webpWith([webpChunk("XMP ", TEXT)], 0x04), webpWith([], 0)],
    ["a position in the EXIF of a WebP", webpWith([webpChunk("EXIF", exif(1))], 0x08), webpWith([], 0)],
    ["an unknown chunk in a WebP", webpWith([webpChunk("JUNK", TEXT)], 0), webpWith([], 0)],
    ["a chunk in a frame of a WebP", withChunkInFrame(webpChunk("JUNK", TEXT)), PICTURES.animatedWebp],
  ];

  test.each(cases)("%s is removed, and nothing else", (_, bytes, clean) => {
    const found = stored(bytes);
    expect(contains(found.bytes, SECRET)).toBe(false);
    expect(Buffer.from(found.bytes).equals(clean)).toBe(true);
    // A second inspection finds nothing to remove.
    expect(Buffer.from(stored(found.bytes.slice()).bytes).equals(found.bytes)).toBe(true);
  });

  test("previews in the fields that say how colors are stored are removed", () => {
    const jfif = concat(latin1("JFIF\0"), Uint8Array.of(1, 2, 0, 0, 1, 0, 1, 1, 1), TEXT);
    const adobe = concat(latin1("Adobe"), Uint8Array.of(0, 100, 0, 0, 0, 0, 1));
    const found = stored(jpegWith([jpegSegment(0xe0, jfif), jpegSegment(0xee, adobe, TEXT)]));
    expect(contains(found.bytes, SECRET)).toBe(false);
    const kept = [jpegSegment(0xe0, jfif.slice(0, 12), Uint8Array.of(0, 0)), jpegSegment(0xee, adobe)];
    expect(Buffer.from(found.bytes).equals(jpegWith(kept))).toBe(true);
  });

  test.each([
    ["JPEG", jpegWith([jpegSegment(0xe2, latin1("ICC_PROFILE\0"), TEXT)])],
    [
      "PNG",
      pngWith([
        pngChunk("iCCP", TEXT),
        pngChunk("gAMA", new Uint8Array(4)),
        pngChunk("tRNS", new Uint8Array(6)),
      ]),
    ],
    ["WebP", webpWith([webpChunk("ICCP", TEXT)], 0x20)],
  ])("color profiles of a %s stay", (_, bytes) => {
    expect(Buffer.from(stored(bytes).bytes).equals(bytes)).toBe(true);
  });

  test("an animated GIF keeps how often it repeats", () => {
    expect(contains(PICTURES.animatedGif, "NETSCAPE2.0")).toBe(true);
    const found = stored(gifWith([gifExtension(0xfe, TEXT)], PICTURES.animatedGif));
    expect(Buffer.from(found.bytes).equals(PICTURES.animatedGif)).toBe(true);
  });
});

describe("orientation", () => {
  const formats: [string, (tiff: Bytes) => Bytes, number][] = [
    ["JPEG", (tiff) => jpegWith([jpegSegment(0xe1, EXIF, tiff)]), 36],
    ["PNG", (tiff) => pngWith([pngChunk("eXIf", tiff)]), 38],
    ["WebP", (tiff) => webpWith([webpChunk("EXIF", tiff)], 0x08), 34],
    ["WebP with a prefix", (tiff) => webpWith([webpChunk("EXIF", concat(EXIF, tiff))], 0x08), 34],
  ];

  test.each(formats)("of a %s stays, alone, in both byte orders", (_, make, length) => {
    const plain = stored(make(exif(1))).bytes.length;
    for (const isLittle of [false, true]) {
      for (let orientation = 2; orientation <= 8; orientation += 1) {
        const found = stored(make(exif(orientation, isLittle)));
        expect(contains(found.bytes, SECRET)).toBe(false);
        expect(found.bytes.length).toBe(plain + length);
        // A tag of the type SHORT with one value.
        const tag = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
        expect(Buffer.from(found.bytes).includes(Buffer.from(tag))).toBe(true);
        expect([found.w, found.h]).toEqual(orientation >= 5 ? [4, 6] : [6, 4]);
        expect(stored(found.bytes.slice())).toEqual(found);
      }
    }
  });

  test.each([
    ["an unknown orientation", exif(9)],
    ["no TIFF", TEXT],
    ["a short TIFF", exif(6).slice(0, 7)],
    ["a directory outside", patched(exif(6), 4, 0xffff_fff0, 4)],
    ["entries that are cut off", exif(6).slice(0, 20)],
    ["another byte order mark", patched(exif(6), 0, 0x4d49, 2)],
    ["another version", patched(exif(6), 2, 43, 2)],
    ["nothing", new Uint8Array()],
  ])("is none for %s", (_, tiff) => {
    const found = stored(jpegWith([jpegSegment(0xe1, EXIF, tiff)]));
    expect(Buffer.from(found.bytes).equals(PICTURES.jpeg)).toBe(true);
  });
});

describe("a broken picture is rejected", () => {
  test.each(entries)("%s, cut off anywhere", (name) => {
    const bytes = PICTURES[name];
    for (let length = 24; length < bytes.length; length += 1) {
      const result = inspect(bytes.slice(0, length), "");
      expect(result.ok ? `${name} of ${length} bytes` : "rejected").toBe("rejected");
    }
  });

  test.each([
    ["a JPEG without a frame", concat(PICTURES.jpeg.slice(0, 2), Uint8Array.of(0xff, 0xd9))],
    ["a JPEG of markers alone", Uint8Array.of(0xff, 0xd8, 0xff, 0xd8, 0xff, 0xd9)],
    ["a JPEG with a segment that is too long", jpegWith([Uint8Array.of(0xff, 0xe1, 0xff, 0xff)])],
    ["a JPEG with a segment of length 1", jpegWith([Uint8Array.of(0xff, 0xe1, 0, 1)])],
    ["a JPEG with text between segments", withSegmentBeforeScan(HTML)],
    ["a JPEG with two frames", jpegWith([frameOf(PICTURES.jpeg)])],
    ["a JPEG of height 0", withJpegSize(0, 6)],
    ["a PNG without a header", concat(PICTURES.png.slice(0, 8), PICTURES.png.slice(33))],
    ["a PNG without data", concat(PICTURES.png.slice(0, 33), pngChunk("IEND", new Uint8Array()))],
    ["a PNG with a chunk that is too long", pngWith([patched(pngChunk("tEXt", TEXT), 0, 0xffff_ffff, 4)])],
    ["a PNG of width 0", patched(PICTURES.png, 16, 0, 4)],
    ["a WebP that is longer than its file", patched(PICTURES.webp, 4, 100_000, 4, true)],
    ["a WebP without a picture", grown(PICTURES.webp.slice(0, 12), webpChunk("ICCP", TEXT))],
    ["a GIF without a picture", concat(PICTURES.gif.slice(0, 25), Uint8Array.of(0x3b))],
    ["a GIF with an unknown block", gifWith([Uint8Array.of(0x42)])],
    ["an AVIF without metadata", concat(PICTURES.avif.slice(0, 32), latin1("\0\0\0\x08mdat"))],
    ["an AVIF with a box of length 4", concat(PICTURES.avif.slice(0, 32), latin1("\0\0\0\x04meta"))],
    ["an AVIF with a box of 4 GiB", concat(PICTURES.avif, latin1("\0\0\0\x01free\0\0\0\x01\0\0\0\x10"))],
  ])("%s", (_, bytes) => {
    expect(inspect(bytes, "")).toMatchObject(BROKEN);
  });
});

describe("a picture of millions of parts is rejected, before they are in memory", () => {
  const many = (part: Bytes, count = 30_000) => Array.from({ length: count }, () => part);
  test.each([
    ["JPEG", jpegWith(many(jpegSegment(0xc4)))],
    ["JPEG of color profiles", jpegWith(many(jpegSegment(0xe2, latin1("ICC_PROFILE\0"))))],
    ["PNG", pngWith(many(pngChunk("IDAT", new Uint8Array())))],
    ["WebP", webpWith(many(webpChunk("JUNK", new Uint8Array())), 0)],
    ["WebP in a frame", withChunkInFrame(concat(...many(webpChunk("JUNK", new Uint8Array()))))],
    ["GIF", gifWith(many(gifExtension(0xf9)))],
    ["AVIF", concat(PICTURES.avif, latin1("\0\x02\0\0meta"), new Uint8Array(0x20000 - 8))],
  ])("%s", (_, bytes) => {
    expect(inspect(bytes, "")).toMatchObject(BROKEN);
  });
});

describe("a picture of too many pixels is rejected", () => {
  test.each([
    ["JPEG", withJpegSize(0xffff, 0xffff)],
    ["PNG", patched(patched(PICTURES.png, 16, 0x7fff_ffff, 4), 20, 0x7fff_ffff, 4)],
    ["WebP", patched(patched(PICTURES.webp, 26, 0x3fff, 2, true), 28, 0x3fff, 2, true)],
    ["animated WebP", patched(PICTURES.animatedWebp, 24, 0x03ff_ffff, 4, true)],
    ["GIF", patched(patched(PICTURES.gif, 6, 0xffff, 2, true), 8, 0xffff, 2, true)],
    ["AVIF", withAvifSize(100_000, 100_000)],
  ])("%s", (_, bytes) => {
    expect(inspect(bytes, "")).toMatchObject(TOO_LARGE);
  });

  test("50 megapixels are allowed, one row more is not", () => {
    const size = (w: number, h: number) => patched(patched(PICTURES.png, 16, w, 4), 20, h, 4);
    expect(stored(size(10_000, 5_000))).toMatchObject({ w: 10_000, h: 5_000 });
    expect(inspect(size(10_000, 5_001), "")).toMatchObject(TOO_LARGE);
  });
});

describe("other files", () => {
  test.each([
    [
      "SVG named PNG",
      latin1('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      "image/png",
      "application/octet-stream",
    ],
    ["SVG", latin1('<?xml version="1.0"?><svg/>'), "image/svg+xml", "application/octet-stream"],
    ["HTML", HTML, "text/html", "application/octet-stream"],
    [
      "HTML declared as text",
      latin1(`\n ${Buffer.from(HTML).toString()}`),
      "text/plain",
      "application/octet-stream",
    ],
    ["HTML with a BOM", concat(latin1("\xef\xbb\xbf"), HTML), "text/plain", "application/octet-stream"],
    ["script", latin1("alert(1)"), "text/javascript", "application/octet-stream"],
    ["text", latin1("two\nlines\tand a tab"), "text/plain;charset=utf-8", "text/plain"],
    ["text with controls", latin1("a\x1b[31m"), "text/plain", "application/octet-stream"],
    ["text in another encoding", latin1("caf\xe9"), "text/plain", "application/octet-stream"],
    ["text that nobody declares as text", latin1("text"), "", "application/octet-stream"],
    ["PDF", latin1("%PDF-1.7\n"), "image/png", "application/pdf"],
    ["ZIP", latin1("PK\x03\x04rest"), "text/html", "application/zip"],
    ["MP3", latin1("ID3\x04rest"), "", "audio/mpeg"],
    ["WAV", latin1("RIFF\0\0\0\0WAVEfmt "), "", "audio/wav"],
    ["Ogg", latin1("OggS\0"), "", "audio/ogg"],
    ["FLAC", latin1("fLaC\0"), "", "audio/flac"],
    ["M4A", latin1("\0\0\0\x18ftypM4A \0\0\0\0"), "", "audio/mp4"],
    ["MP4", latin1("\0\0\0\x18ftypisom\0\0\0\0"), "", "video/mp4"],
    ["WebM", latin1("\x1a\x45\xdf\xa3\x01"), "", "video/webm"],
    ["HEIC", latin1("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "image/heic", "application/octet-stream"],
    ["BMP", latin1("BM\0\0\0\0"), "image/bmp", "application/octet-stream"],
    ["one byte", latin1("a"), "image/png", "application/octet-stream"],
    [
      "a PNG signature with text mode line ends",
      latin1("\x89PNG\n\x1a\n"),
      "image/png",
      "application/octet-stream",
    ],
  ])("%s", (_, bytes, hint, type) => {
    const found = stored(bytes, hint);
    expect(found.type).toBe(type);
    expect(found.w).toBeUndefined();
    expect(Buffer.from(found.bytes).equals(bytes)).toBe(true);
  });
});

describe("a file that is two things at once", () => {
  test.each([
    ["GIF and script", latin1("GIF89a=1;/*"), BROKEN],
    ["GIF and ZIP", concat(PICTURES.gif, latin1("PK\x03\x04")), { value: { type: "image/gif" } }],
    ["JPEG and HTML", jpegWith([jpegSegment(0xfe, HTML)]), { value: { type: "image/jpeg" } }],
    ["PNG and HTML", pngWith([pngChunk("tEXt", HTML)]), { value: { type: "image/png" } }],
    ["PNG and PDF", concat(PICTURES.png, latin1("%PDF-1.7")), { value: { type: "image/png" } }],
    ["PDF and PNG", concat(latin1("%PDF-1.7"), PICTURES.png), { value: { type: "application/pdf" } }],
    ["WebP and ZIP", concat(PICTURES.webp, latin1("PK\x03\x04")), { value: { type: "image/webp" } }],
  ])("%s", (_, bytes, expected) => {
    const result = inspect(bytes, "text/html");
    expect(result).toMatchObject(expected);
    const other = /PK\x03\x04|<script|%PDF/;
    const isPicture = result.ok && result.value.w !== undefined;
    if (isPicture) expect(Buffer.from(result.value.bytes).toString("latin1")).not.toMatch(other);
  });
});

test("any bytes after any signature are accepted or rejected, and never throw", () => {
  const signatures = Object.values(PICTURES).map((bytes) => bytes.slice(0, 16));
  const file = fc.tuple(fc.constantFrom(...signatures), fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(file, ([signature, rest]) => {
      const result = inspect(concat(signature, Uint8Array.from(rest)), "");
      if (!result.ok) expect(result.error.code).toBe("bad_request");
    }),
  );
});

test("a picture with any byte changed is accepted or rejected, and is no longer than it was", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(PICTURES)), fc.nat(), fc.nat(255), (bytes, at, value) => {
      const changed = bytes.slice();
      changed[at % bytes.length] = value;
      const result = inspect(changed, "");
      if (result.ok) expect(result.value.bytes.length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2_000 },
  );
});

/** Returns where a marker of the JPEG begins. */
function markerAt(marker: number): number {
  return Buffer.from(PICTURES.jpeg).indexOf(Buffer.of(0xff, marker));
}

function withSegmentBeforeScan(segment: Bytes): Bytes {
  const at = markerAt(0xda);
  return concat(PICTURES.jpeg.slice(0, at), segment, PICTURES.jpeg.slice(at));
}

function withJpegSize(height: number, width: number): Bytes {
  const at = markerAt(0xc0);
  return patched(patched(PICTURES.jpeg, at + 5, height, 2), at + 7, width, 2);
}

function frameOf(picture: Bytes): Bytes {
  const at = markerAt(0xc0);
  return picture.slice(at, at + 2 + 17);
}

function withAvifSize(w: number, h: number): Bytes {
  const at = Buffer.from(PICTURES.avif).indexOf("ispe");
  return patched(patched(PICTURES.avif, at + 8, w, 4), at + 12, h, 4);
}

/** Returns a WebP with a chunk after its others. */
function grown(picture: Bytes, chunk: Bytes): Bytes {
  return patched(concat(picture, chunk), 4, picture.length + chunk.length - 8, 4, true);
}

/** Returns the animated WebP with a chunk at the end of its last frame. */
function withChunkInFrame(chunk: Bytes): Bytes {
  const picture = PICTURES.animatedWebp;
  const at = Buffer.from(picture).lastIndexOf("ANMF");
  const length = new DataView(picture.buffer).getUint32(at + 4, true);
  return grown(patched(picture, at + 4, length + chunk.length, 4, true), chunk);
}
