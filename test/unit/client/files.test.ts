// Uploads, downloads and addresses of files.
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ChatClientOptions } from "../../../src/client/index.ts";
import { ClientRig } from "../../helpers/client-rig.ts";

const KEY = "a-key-of-at-least-22-characters";
const FILE = { id: "A".repeat(22), type: "image/png", bytes: 3, w: 1, h: 2 };

/** Answers requests over HTTP, and records them. */
function fakeFetch(status: number, body: unknown, headers: Record<string, string> = {}) {
  const requests: { url: string; init: RequestInit }[] = [];
  const fetch = async (url: string, init: RequestInit = {}) => {
    requests.push({ url, init });
    init.signal?.throwIfAborted();
    return new Response(body instanceof Uint8Array ? new Blob([body.slice()]) : JSON.stringify(body), {
      status,
      headers,
    });
  };
  return { requests, fetch: fetch as ChatClientOptions["fetch"] & object };
}

function rigWith(
  fetch: ChatClientOptions["fetch"] & object,
  options: Partial<ChatClientOptions> = {},
): ClientRig {
  return new ClientRig({ fetch, ...options });
}

describe("an upload", () => {
  test("sends the bytes with the user's key, and resolves with the file", async () => {
    const { requests, fetch } = fakeFetch(201, { ...FILE, future: true });
    const { client } = rigWith(fetch, { password: "p".repeat(43) });
    const body = new File(["abc"], "a b.png", { type: "image/png" });
    expect(await client.upload(body)).toEqual(FILE);
    expect(requests).toMatchObject([
      {
        url: "https://chat.example/api/rooms/demo/files?name=a%20b.png",
        init: {
          method: "POST",
          headers: {
            Authorization: `Bearer ${KEY}`,
            "X-Room-Password": "p".repeat(43),
            "Content-Type": "image/png",
          },
          body,
        },
      },
    ]);
  });

  test("of bytes takes a name, and is checked against the limit of the room", async () => {
    const { requests, fetch } = fakeFetch(201, FILE);
    const rig = rigWith(fetch).join({
      limits: { text: 9, name: 9, frame: 999, files: { bytes: 3, count: 4 } },
    });
    await rig.client.upload(new Uint8Array(3), { name: "x" });
    expect(requests[0]?.url).toMatch(/files\?name=x$/);
    await expect(rig.client.upload(new Uint8Array(4))).rejects.toMatchObject({ code: "too_long" });
    expect(requests).toHaveLength(1);
    expect(rig.client.state.limits.files).toEqual({ bytes: 3, count: 4 });
  });

  test("rejects with the room's error, its cause and the time to wait", async () => {
    const error = { code: "forbidden", message: "no space", cause: "quota" };
    const { client } = rigWith(fakeFetch(403, { error }).fetch);
    await expect(client.upload(new Uint8Array(1))).rejects.toMatchObject(error);
    const busy = fakeFetch(429, { error: { code: "rate_limited", message: "" } }, { "Retry-After": "3" });
    await expect(rigWith(busy.fetch).client.upload(new Uint8Array(1))).rejects.toMatchObject({
      code: "rate_limited",
      retryAfter: 3_000,
    });
    for (const answer of [
      fakeFetch(503, { error: { code: "unavailable", message: "" } }),
      fakeFetch(502, "<html>"),
    ])
      await expect(rigWith(answer.fetch).client.upload(new Uint8Array(1))).rejects.toMatchObject({
        code: "internal",
      });
  });

  test("rejects if the connection fails, or with the reason of its signal", async () => {
    const fails = async () => {
      throw new TypeError("fetch failed");
    };
    await expect(rigWith(fails).client.upload(new Uint8Array(1))).rejects.toMatchObject({
      code: "unreachable",
    });
    const { fetch } = fakeFetch(201, FILE);
    const signal = AbortSignal.abort("changed my mind");
    await expect(rigWith(fetch).client.upload(new Uint8Array(1), { signal })).rejects.toBe("changed my mind");
  });
});

describe("an upload in a browser", () => {
  class FakeXhr extends EventTarget {
    static last: FakeXhr;
    readonly upload = new EventTarget();
    readonly headers: Record<string, string> = {};
    status = 0;
    responseText = "";
    body: unknown;
    isAborted = false;
    constructor() {
      super();
      FakeXhr.last = this;
    }
    open(): void {}
    setRequestHeader(name: string, value: string): void {
      this.headers[name] = value;
    }
    getResponseHeader(): null {
      return null;
    }
    send(body: unknown): void {
      this.body = body;
    }
    abort(): void {
      this.isAborted = true;
    }
    answer(status: number, body: unknown): void {
      this.status = status;
      this.responseText = JSON.stringify(body);
      this.dispatchEvent(new Event("load"));
    }
  }
  afterEach(() => void vi.unstubAllGlobals());

  /** Starts an upload and waits until its request is sent. */
  async function start(options = {}) {
    vi.stubGlobal("XMLHttpRequest", FakeXhr);
    const body = new Uint8Array(4);
    const uploaded = new ClientRig().client.upload(body, options);
    await vi.waitFor(() => expect(FakeXhr.last.body).toBe(body));
    return { uploaded, request: FakeXhr.last };
  }

  test("tells its progress", async () => {
    const shares: number[] = [];
    const onProgress = (sent: number, total: number) => shares.push(sent / total);
    const { uploaded, request } = await start({ onProgress });
    expect(request.headers).toMatchObject({ Authorization: `Bearer ${KEY}` });
    request.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded: 1, total: 4 }));
    request.answer(201, FILE);
    expect(await uploaded).toEqual(FILE);
    expect(shares).toEqual([0.25]);
  });

  test("is cancelled by its signal, and fails with its connection", async () => {
    const cancel = new AbortController();
    const first = await start({ signal: cancel.signal });
    cancel.abort("cancelled");
    await expect(first.uploaded).rejects.toBe("cancelled");
    expect(first.request.isAborted).toBe(true);
    const second = await start();
    second.request.dispatchEvent(new Event("error"));
    await expect(second.uploaded).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("a download", () => {
  test("resolves with the bytes, and sends who the user is", async () => {
    const { requests, fetch } = fakeFetch(200, Uint8Array.of(1, 2, 3));
    const { client } = rigWith(fetch);
    expect(await client.download(FILE)).toEqual(Uint8Array.of(1, 2, 3));
    expect(requests).toMatchObject([
      { url: client.fileUrl(FILE), init: { headers: { Authorization: `Bearer ${KEY}` } } },
    ]);
  });

  test("of a deleted file rejects with `not_found`", async () => {
    const { client } = rigWith(fakeFetch(404, { error: { code: "not_found", message: "" } }).fetch);
    await expect(client.download(FILE)).rejects.toMatchObject({ code: "not_found" });
  });
});

test("the URL of a file has its name, for those who save it", () => {
  const { client } = new ClientRig();
  expect(client.fileUrl(FILE)).toBe(`https://chat.example/api/rooms/demo/files/${FILE.id}`);
  expect(client.fileUrl({ id: FILE.id, name: "ä?.png" })).toMatch(/\/%C3%A4%3F\.png$/);
});
