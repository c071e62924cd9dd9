// Files of messages that are written or wait: uploads, their failures, and that each message is sent once.
import { signal } from "@preact/signals";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  ChatError,
  type ChatState,
  type OutboxEntry,
  type SendOptions,
  type UploadOptions,
} from "../../../src/client/index.ts";
import { cleanAlt } from "../../../src/page/state/attachment.ts";
import { Attachments } from "../../../src/page/state/attachments.ts";

type Upload = {
  readonly name: string;
  resolve(id: string): void;
  reject(error: unknown): void;
  readonly signal: AbortSignal;
};
type Sent = { readonly text: string } & SendOptions;

/** A room and its client, as far as attachments use them. */
class Rig {
  readonly state = signal<Pick<ChatState, "connection" | "outbox">>({ connection: "online", outbox: [] });
  readonly uploads: Upload[] = [];
  readonly sent: Sent[] = [];
  stored: string | null = null;

  open(): Attachments {
    const storage = {
      load: () => this.stored,
      save: (text: string | null) => {
        this.stored = text;
      },
    };
    return new Attachments({
      client: this,
      state: this.state,
      storage,
      limits: signal({ bytes: 50, count: 4 }),
    });
  }

  upload = (_: unknown, { name = "", signal }: UploadOptions = {}) => {
    return new Promise<{ id: string; type: string; bytes: number }>((done, fail) => {
      const { signal: aborted } = new AbortController();
      const watched = signal instanceof AbortSignal ? signal : aborted;
      watched.addEventListener("abort", () => fail(watched.reason));
      const resolve = (id: string) => done({ id, type: "text/plain", bytes: 1 });
      this.uploads.push({ name, resolve, reject: fail, signal: watched });
    });
  };

  send = (text: string, options: SendOptions = {}) => {
    this.sent.push({ text, ...options });
    this.#setOutbox([...this.state.peek().outbox, entryOf(options.id ?? "", "queued")]);
    return new Promise<never>(() => {});
  };

  discard = (id: string) => this.#setOutbox(this.state.peek().outbox.filter((entry) => entry.id !== id));

  /** The room answers a command: its entry leaves the outbox, or fails. */
  answer(id: string | undefined, error?: Pick<ChatError, "code" | "cause">): void {
    const others = this.state.peek().outbox.filter((entry) => entry.id !== id);
    const failed = error && { ...entryOf(id ?? "", "failed"), error: { message: "", ...error } };
    this.#setOutbox(failed === undefined ? others : [...others, failed as OutboxEntry]);
  }

  connect(connection: ChatState["connection"]): void {
    this.state.value = { ...this.state.peek(), connection };
  }

  #setOutbox(outbox: readonly OutboxEntry[]): void {
    this.state.value = { ...this.state.peek(), outbox };
  }
}

function entryOf(id: string, status: OutboxEntry["status"]): OutboxEntry {
  return { id, kind: "send", command: { type: "send", id, text: "" }, at: 1, status };
}

const file = (name: string, text = "x"): File => new File([text], name, { type: "text/plain" });
const statuses = ({ draft }: Attachments): string[] => draft.peek().map(({ status }) => status.peek().type);

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});

/** Waits until `count` uploads have started. */
const started = (count: number) => vi.waitFor(() => expect(rig.uploads).toHaveLength(count));

describe("a message with files", () => {
  test("is sent once its files are uploaded, in their order, and forgotten once it is in the room", async () => {
    const files = rig.open();
    files.add([file("a"), file("b")]);
    files.describe(files.draft.peek()[1] ?? expect.fail(), " a\ndescription ");
    files.send("text", 7, files.take());
    expect(rig.sent).toEqual([]);
    await started(2);
    rig.uploads.find(({ name }) => name === "b")?.resolve("id-b");
    await vi.waitFor(() => expect(files.waiting.peek()[0]?.files[1]?.status.peek().type).toBe("uploaded"));
    expect(rig.sent).toEqual([]);
    rig.uploads.find(({ name }) => name === "a")?.resolve("id-a");
    await vi.waitFor(() => expect(rig.sent).toHaveLength(1));
    expect(rig.sent[0]).toMatchObject({
      text: "text",
      reply: 7,
      files: [{ id: "id-a" }, { id: "id-b", alt: "a description" }],
    });
    expect(files.pending.peek()).toMatchObject([{ text: "text", files: 2 }]);
    rig.answer(rig.sent[0]?.id);
    expect(files.waiting.peek()).toEqual([]);
    expect(rig.stored).toBeNull();
  });

  test("survives a reload before its files are uploaded, and keeps its id", async () => {
    const before = rig.open();
    before.add([file("a")]);
    await started(1);
    before.send("text", undefined, before.take());
    const [message] = before.waiting.peek();
    before.close();
    rig.open();
    await started(2);
    rig.uploads[1]?.resolve("id-a");
    await vi.waitFor(() => expect(rig.sent).toMatchObject([{ id: message?.id, text: "text" }]));
  });

  test("is sent again under its id if the page ended before the room answered", async () => {
    const before = rig.open();
    before.add([file("a")]);
    before.send("text", undefined, before.take());
    await started(1);
    rig.uploads[0]?.resolve("id-a");
    await vi.waitFor(() => expect(rig.sent).toHaveLength(1));
    before.close();
    const id = rig.sent[0]?.id ?? "";
    rig.discard(id);
    const after = rig.open();
    await vi.waitFor(() => expect(rig.sent).toHaveLength(2));
    expect(rig.sent[1]).toMatchObject({ id, files: [{ id: "id-a" }] });
    // The room has stored it before.
    rig.answer(id, { code: "forbidden", cause: "file_used" });
    expect(after.waiting.peek()).toEqual([]);
    expect(rig.state.peek().outbox).toEqual([]);
    expect(rig.uploads).toHaveLength(1);
  });

  test("is uploaded again, once, if the room has deleted its files meanwhile", async () => {
    const files = rig.open();
    files.add([file("a")]);
    files.send("text", undefined, files.take());
    await started(1);
    rig.uploads[0]?.resolve("id-a");
    await vi.waitFor(() => expect(rig.sent).toHaveLength(1));
    rig.answer(rig.sent[0]?.id, { code: "not_found" });
    await started(2);
    rig.uploads[1]?.resolve("id-b");
    await vi.waitFor(() => expect(rig.sent).toHaveLength(2));
    expect(rig.sent[1]).toMatchObject({ id: rig.sent[0]?.id, files: [{ id: "id-b" }] });
    rig.answer(rig.sent[1]?.id, { code: "not_found" });
    expect(rig.uploads).toHaveLength(2);
    expect(files.waiting.peek()).toHaveLength(1);
  });

  test("is taken back into the new message, and has to fit there", async () => {
    const files = rig.open();
    files.add([file("a"), file("b")]);
    files.send("text", undefined, files.take());
    const [message] = files.waiting.peek();
    files.add([file("c"), file("d"), file("e")]);
    expect(files.takeBack(message?.id ?? "")).toBe(false);
    files.remove(files.draft.peek()[0] ?? expect.fail());
    expect(files.takeBack(message?.id ?? "")).toBe(true);
    expect(files.draft.peek().map(({ stored }) => stored.peek().name)).toEqual(["a", "b", "d", "e"]);
    expect(files.waiting.peek()).toEqual([]);
    expect(files.takeBack("of a message without files")).toBe(true);
  });
});

describe("an upload", () => {
  test("waits for the connection", async () => {
    rig.connect("waiting");
    const files = rig.open();
    files.add([file("a")]);
    await vi.waitFor(() => expect(statuses(files)).toEqual(["waiting"]));
    expect(rig.uploads).toEqual([]);
    rig.connect("online");
    await started(1);
  });

  test("is repeated after a failure that passes, with a new connection at the latest", async () => {
    const files = rig.open();
    files.add([file("a")]);
    await started(1);
    rig.uploads[0]?.reject(new ChatError("unreachable", ""));
    await vi.waitFor(() => expect(statuses(files)).toEqual(["waiting"]));
    expect(rig.uploads).toHaveLength(1);
    rig.connect("waiting");
    rig.connect("online");
    await started(2);
    rig.uploads[1]?.reject(new ChatError("rate_limited", "", { retryAfter: 1 }));
    await started(3);
    expect(statuses(files)).toEqual(["uploading"]);
  });

  test("that the room refuses fails, and is repeated on request", async () => {
    const files = rig.open();
    files.add([file("a")]);
    await started(1);
    rig.uploads[0]?.reject(new ChatError("forbidden", "", { cause: "quota" }));
    await vi.waitFor(() => expect(statuses(files)).toEqual(["failed"]));
    files.retryUpload(files.draft.peek()[0] ?? expect.fail());
    await started(2);
  });

  test("of two at most goes on at a time, and ends when its file is removed", async () => {
    const files = rig.open();
    files.add([file("a"), file("b"), file("c")]);
    await started(2);
    const [first] = files.draft.peek();
    files.remove(first ?? expect.fail());
    expect(rig.uploads[0]?.signal.aborted).toBe(true);
    await started(3);
    expect(statuses(files)).toEqual(["uploading", "uploading"]);
  });

  test("does not start for a file that is too large", async () => {
    const files = rig.open();
    files.add([file("a", "x".repeat(51))]);
    await vi.waitFor(() => expect(statuses(files)).toEqual(["failed"]));
    expect(files.draft.peek()[0]?.status.peek()).toMatchObject({ error: "too_long" });
    expect(rig.uploads).toEqual([]);
  });
});

test("files of the new message survive a reload, at most as many as a message can have", async () => {
  const before = rig.open();
  before.add(["a", "b", "c", "d", "e"].map((name) => file(name)));
  await started(2);
  rig.uploads[0]?.resolve("id-a");
  await vi.waitFor(() => expect(statuses(before)[0]).toBe("uploaded"));
  before.close();
  const after = rig.open();
  await vi.waitFor(() => expect(statuses(after)[0]).toBe("uploaded"));
  expect(after.draft.peek().map(({ stored }) => stored.peek().name)).toEqual(["a", "b", "c", "d"]);
});

test("a file that is prepared while its room is closed is kept for the next visit", async () => {
  const before = rig.open();
  before.add([file("a")]);
  before.close();
  await vi.waitFor(() => expect(statuses(before)).toEqual(["waiting"]));
  rig.open();
  await started(1);
});

test("a file whose bytes are lost says so", async () => {
  rig.stored = JSON.stringify({ draft: [{ key: "unknown", name: "a", type: "", bytes: 1 }], waiting: [] });
  const files = rig.open();
  await vi.waitFor(() => expect(statuses(files)).toEqual(["failed"]));
  expect(files.draft.peek()[0]?.status.peek()).toMatchObject({ error: "lost" });
});

test("a description is one line that fits into the limit", () => {
  expect(cleanAlt(" two\n\tlines \u2028 \u202Eturned ")).toBe("two lines   turned");
  expect(new TextEncoder().encode(cleanAlt("猫".repeat(400))).length).toBe(999);
});
