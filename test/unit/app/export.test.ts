// Exports: what a stream of pages becomes in each format.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exportStream, type ReadPage } from "../../../src/app/export.ts";
import { EXPORT_FORMATS, type ExportFormat } from "../../../src/app/export-formats.ts";
import type { RoomEvent } from "../../../src/protocol/index.ts";

const AT = Date.parse("2026-03-10T12:00:00Z");
const ROOM = { room: "tea", epoch: "epoch-1", seq: 0, pruned: 0 };

function message(seq: number, text: string, name = "Ann"): RoomEvent {
  return { type: "message", seq, at: AT, user: "annannanna", name, text };
}

function formatOf(name: string): ExportFormat {
  const format = EXPORT_FORMATS.get(name);
  if (format === undefined) throw new Error(`there is no format ${name}`);
  return format;
}

/** Returns the export of events 1 to N, read in pages of `size`. */
async function exported(name: string, events: readonly RoomEvent[], size = 2): Promise<string> {
  const read: ReadPage = async (seq) => ({
    events: events.filter((event) => event.seq > seq).slice(0, size),
    pruned: 0,
  });
  const stream = exportStream(formatOf(name), { ...ROOM, seq: events.at(-1)?.seq ?? 0 }, read);
  return new Response(stream).text();
}

test("jsonl is the room, each event as it is, and an end", async () => {
  const events = [message(1, "one"), message(2, "two\nlines"), message(3, "three")];
  const lines = (await exported("jsonl", events)).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { type: "room", version: 1, ...ROOM, seq: 3 },
    ...events,
    { type: "end", seq: 3 },
  ]);
});

test("ends at the head at its start, though the room goes on", async () => {
  let head = 3;
  const read: ReadPage = async (seq) => {
    head += 5;
    const events = Array.from({ length: head }, (_, i) => message(i + 1, "hi")).filter(
      (event) => event.seq > seq,
    );
    return { events: events.slice(0, 2), pruned: 0 };
  };
  const text = await new Response(exportStream(formatOf("jsonl"), { ...ROOM, seq: 3 }, read)).text();
  expect(text.trimEnd().split("\n")).toHaveLength(5);
});

test("says which events are missing if pruning overtakes it, and if the room is wiped", async () => {
  const pages: Awaited<ReturnType<ReadPage>>[] = [
    { events: [message(1, "one")], pruned: 0 },
    { events: [message(6, "six")], pruned: 5 },
    "wiped",
  ];
  const read: ReadPage = async () => pages.shift() ?? "wiped";
  const text = await new Response(exportStream(formatOf("jsonl"), { ...ROOM, seq: 9 }, read)).text();
  const [, ...lines] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { seq: 1 },
    { type: "gap", after: 1, before: 6 },
    { seq: 6 },
    { type: "end", seq: 6, wiped: true },
  ]);
});

test("exports what is left among events that are missing", async () => {
  const pages: Awaited<ReturnType<ReadPage>>[] = [
    { events: [message(2, "two"), message(5, "five")], pruned: 6 },
    { events: [message(8, "eight"), message(12, "twelve")], pruned: 12 },
  ];
  const read: ReadPage = async () => pages.shift() ?? { events: [], pruned: 12 };
  const room = { ...ROOM, seq: 12, pruned: 6 };
  const text = await new Response(exportStream(formatOf("jsonl"), room, read)).text();
  const [, ...lines] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { seq: 2 },
    { seq: 5 },
    { type: "gap", after: 6, before: 13 },
    { seq: 8 },
    { seq: 12 },
    { type: "end", seq: 12 },
  ]);
});

test("reads a page only after the one before it was taken", async () => {
  let reads = 0;
  const read: ReadPage = async (seq) => {
    reads += 1;
    return { events: [message(seq + 1, "x".repeat(1_000))], pruned: 0 };
  };
  const reader = exportStream(formatOf("jsonl"), { ...ROOM, seq: 1_000 }, read).getReader();
  for (let i = 0; i < 5; i += 1) await reader.read();
  expect(reads).toBeLessThan(8);
  await reader.cancel();
});

describe("txt and html", () => {
  const events: RoomEvent[] = [
    message(1, "first\nsecond <b>line</b>", "<i>Ann"),
    { type: "edit", seq: 2, at: AT, user: "annannanna", name: "Ann", target: 1, text: "changed" },
    { ...message(3, ""), deleted: true, moderated: true } as RoomEvent,
    {
      type: "mute",
      seq: 4,
      at: AT,
      user: "annannanna",
      name: "Ann",
      member: "bobbobbobb",
      memberName: "Bob",
      reason: "caps",
    },
  ];

  test("txt has a line for each message and notice", async () => {
    expect(await exported("txt", events)).toBe(
      [
        "tea",
        "",
        "[2026-03-10 12:00:00 UTC] <i>Ann: first",
        "    second <b>line</b>",
        "[2026-03-10 12:00:00 UTC] Ann: (removed by a moderator)",
        "[2026-03-10 12:00:00 UTC] * Ann muted Bob (caps)",
        "",
      ].join("\n"),
    );
  });

  test("html has every text escaped, and no script", async () => {
    const text = await exported("html", events);
    expect(text).toContain("second &lt;b&gt;line&lt;/b&gt;");
    expect(text).toContain("&lt;i&gt;Ann");
    expect(text).not.toMatch(/<(script|b|i)>/);
    expect(text).toMatch(/<\/html>\n$/);
  });

  test("html never has markup of a message", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
        const page = await exported("html", [message(1, text, text)]);
        const plain = await exported("html", [message(1, "", "")]);
        expect(page.match(/<[a-z/!]/gi)?.length).toBe(plain.match(/<[a-z/!]/gi)?.length);
      }),
    );
  });
});

describe("files", () => {
  const bytes = new Uint8Array(250_000).map((_, i) => i * 31 + (i >> 10));
  const addresses = [
    "https://chat.example/api/rooms/tea/files/a",
    "https://chat.example/api/rooms/tea/files/b",
  ];
  const withFiles: RoomEvent = {
    ...{ type: "message", seq: 1, at: AT, user: "annannanna", name: "Ann" },
    text: `look\n${addresses.join("\n")}`,
    files: [
      { id: "a", type: "image/png", bytes: bytes.length, alt: "<Dunes>" },
      { id: "b", type: "application/zip", bytes: 1, name: "b.zip" },
    ],
  };
  const read: ReadPage = async (seq) => ({
    events: [withFiles, message(2, "two")].filter((event) => event.seq > seq),
    pruned: 0,
  });
  /** File `a` in pieces of an odd length. File `b` was deleted. */
  const readFile = async (id: string) => {
    if (id !== "a") return null;
    let at = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(bytes.subarray(at, at + 70_001));
        at += 70_001;
        if (at >= bytes.length) controller.close();
      },
    });
  };
  const exportOf = (name: string, files: typeof readFile | null) =>
    new Response(exportStream(formatOf(name), { ...ROOM, seq: 2 }, read, files)).text();

  test("follow their message in jsonl, in parts whose base64 can be joined", async () => {
    const lines = (await exportOf("jsonl", readFile))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual([
      "room",
      "message",
      "file",
      "file",
      "file",
      "message",
      "end",
    ]);
    const parts = lines.filter(({ type }) => type === "file");
    expect(parts.map(({ id, offset }) => [id, offset])).toEqual([
      ["a", 0],
      ["a", 98_304],
      ["a", 196_608],
    ]);
    const joined = Buffer.from(parts.map(({ data }) => data).join(""), "base64");
    expect(joined.equals(bytes)).toBe(true);
  });

  test("are links in html, and addresses in txt and without their bytes", async () => {
    const page = await exportOf("html", readFile);
    expect(page).toContain('<p dir="auto">look</p>');
    expect(page).toContain(`<a href="${addresses[0]}" rel="noreferrer">&lt;Dunes&gt;</a>`);
    expect(page).toContain(`<a href="${addresses[1]}" rel="noreferrer">b.zip</a>`);
    expect(await exportOf("txt", readFile)).toContain(
      `Ann: look\n    ${addresses[0]}\n    ${addresses[1]}\n`,
    );
    expect(await exportOf("jsonl", null)).not.toContain('"type":"file"');
  });
});
