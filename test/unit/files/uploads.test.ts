import { expect, test } from "vitest";
import { Uploads } from "../../../src/files/uploads.ts";

const MIB = 1024 * 1024;

/** An upload whose bytes a test sends piece by piece. */
class Body {
  sent = 0;
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor() {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
  }

  send(bytes: number): this {
    this.sent += bytes;
    this.#controller?.enqueue(new Uint8Array(bytes).fill(this.sent % 251));
    return this;
  }

  end(): this {
    this.#controller?.close();
    return this;
  }

  fail(): void {
    this.#controller?.error(new Error("the connection was lost"));
  }
}

const busy = { ok: false, error: { code: "rate_limited", retryAfter: 1_000 } };

test("reads a body of several pieces, up to 8 MiB", async () => {
  const uploads = new Uploads();
  const read = await uploads.read(new Body().send(3).send(2).end().stream, "a");
  expect(read).toEqual({ ok: true, value: Uint8Array.of(3, 3, 3, 5, 5) });
  expect(await uploads.read(new Body().send(8 * MIB).end().stream, "a")).toMatchObject({ ok: true });
});

test("rejects a longer body after it was sent, so that the client reads the answer", async () => {
  const body = new Body().send(8 * MIB).send(1);
  const reading = new Uploads().read(body.stream, "a");
  let isDone = false;
  void reading.then(() => {
    isDone = true;
  });
  await new Promise(setImmediate);
  expect(isDone).toBe(false);
  body.send(MIB).end();
  expect(await reading).toMatchObject({ ok: false, error: { code: "too_long" } });
});

test("takes 8 uploads of one address at once, and others meanwhile", async () => {
  const uploads = new Uploads();
  const bodies = Array.from({ length: 8 }, () => new Body().send(1));
  const readings = bodies.map(({ stream }) => uploads.read(stream, "a"));
  expect(await uploads.read(new Body().send(1).end().stream, "a")).toMatchObject(busy);
  expect(await uploads.read(new Body().send(1).end().stream, "b")).toMatchObject({ ok: true });
  for (const body of bodies) body.end();
  for (const read of await Promise.all(readings)) expect(read.ok).toBe(true);
  expect(await uploads.read(new Body().send(1).end().stream, "a")).toMatchObject({ ok: true });
});

test("takes 32 MiB of unfinished uploads, and more once they end", async () => {
  const uploads = new Uploads();
  const bodies = Array.from({ length: 4 }, () => new Body().send(8 * MIB));
  const readings = bodies.map(({ stream }, i) => uploads.read(stream, `network ${i}`));
  await new Promise(setImmediate);
  expect(await uploads.read(new Body().send(1).end().stream, "b")).toMatchObject(busy);
  bodies[0]?.fail();
  await expect(readings[0]).rejects.toThrow("lost");
  expect(await uploads.read(new Body().send(1).end().stream, "b")).toMatchObject({ ok: true });
  for (const body of bodies.slice(1)) body.end();
  await Promise.all(readings.slice(1));
});
