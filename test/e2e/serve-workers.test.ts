// The self-hosting server with --workers: connections in several processes, rooms in one.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openChat } from "../helpers/raw-socket.ts";
import { killRuntime, runtimesOf } from "../helpers/runtimes.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { poll } from "../helpers/wait.ts";

/** A PNG of one pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const TEXTS = Array.from({ length: 50 }, (_, n) => `message ${n}`);

describe.runIf(process.platform === "linux")("a service with two workers", () => {
  let service: Service;
  beforeAll(async () => {
    service = await startServe({ args: ["--workers", "2"], vars: { MESSAGE_RATE: "0" } });
  });
  afterAll(async () => {
    await service?.stop();
  });

  const call = (path: string, options?: RequestInit) =>
    fetch(new URL(`/api/rooms/${path}`, service.url), options);

  /** Opens sockets in a room. Each worker gets some of them. */
  const open = (room: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => openChat(service.socket(room))));

  test("every socket of a room gets every message once and in order, and ok before its own", async () => {
    const sockets = await open("order", 20);
    const [first] = sockets;
    if (first === undefined) throw new Error("no socket");
    first.command(...TEXTS.map((text, n) => ({ type: "send" as const, id: `id-${n}`, text })));
    for (const socket of sockets) {
      const lines = await socket.linesUntil((line) => line.type === "message" && line.seq === TEXTS.length);
      const messages = lines.filter((line) => line.type === "message");
      expect(messages.map(({ seq, text }) => [seq, text])).toEqual(TEXTS.map((text, n) => [n + 1, text]));
      if (socket !== first) continue;
      const answered = new Set<number>();
      for (const line of lines) {
        if (line.type === "ok" && line.seq !== undefined) answered.add(line.seq);
        if (line.type === "message") expect(answered).toContain(line.seq);
      }
    }
    const late = await openChat(service.socket("order"));
    late.command({ type: "history", id: "h", before: 11, limit: 10 });
    expect((await late.next("history")).events.map(({ seq }) => seq)).toEqual(
      TEXTS.slice(0, 10).map((_, n) => n + 1),
    );
    await Promise.all([late, ...sockets].map((socket) => socket.close()));
  });

  test("users of a small room see each other's names and typing, whichever worker serves them", async () => {
    const sockets = await open("names", 10);
    const users = sockets.map(({ welcome }) => welcome.you.user).sort();
    for (const { heard, welcome } of sockets) {
      const listed = () => {
        const members = new Set((welcome.members ?? []).map(({ user }) => user));
        for (const { type, join = [], leave = [] } of heard.map((line) => Object(JSON.parse(line)))) {
          if (type !== "presence") continue;
          for (const { user } of join) members.add(user);
          for (const user of leave) members.delete(user);
        }
        return [...members].sort();
      };
      await expect.poll(listed).toEqual(users);
    }
    const [first, ...others] = sockets;
    first?.command({ type: "typing", on: true });
    for (const socket of others) {
      const lines = await socket.linesUntil((line) => line.type === "typing" && line.users.length > 0);
      expect(lines.at(-1)).toMatchObject({ users: [first?.welcome.you.user] });
    }
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  test("HTTP calls reach the room from each worker", async () => {
    const [reader] = await open("http", 1);
    for (const text of TEXTS.slice(0, 10)) {
      const posted = await call("http/messages", { method: "POST", body: JSON.stringify({ text }) });
      expect(posted.status).toBe(201);
      expect(await reader?.next("message")).toMatchObject({ text });
    }
    const page = await (await call("http/messages")).json();
    expect(page).toMatchObject({ seq: 10, more: false });
    await reader?.close();
  });

  test("takes pictures, and sends them to readers", async () => {
    const [reader] = await open("picture", 1);
    const key = randomBytes(32).toString("base64url");
    const picture = Buffer.from(PIXEL, "base64");
    const headers = { "Content-Type": "image/png", Authorization: `Bearer ${key}` };
    const uploaded = await call("picture/files?name=pixel.png", { method: "POST", headers, body: picture });
    expect(uploaded.status).toBe(201);
    const { id } = Object(await uploaded.json());
    const body = JSON.stringify({ text: "", files: [{ id, alt: "a pixel" }] });
    expect((await call("picture/messages", { method: "POST", headers, body })).status).toBe(201);
    expect((await reader?.next("message"))?.files?.[0]).toMatchObject({ id, alt: "a pixel" });
    const answer = await call(`picture/files/${id}`);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "image/png"]);
    expect(Buffer.from(await answer.arrayBuffer()).equals(picture)).toBe(true);
    await reader?.close();
  });
});

describe.runIf(process.platform === "linux")("the processes of a service with workers", () => {
  test("HTTP answers 503 while the sequencer is away, and connections stay", async () => {
    const service = await startServe({ args: ["--workers", "2"] });
    onTestFinished(() => service.kill());
    const messages = new URL("/api/rooms/away/messages", service.url);
    const post = () => fetch(messages, { method: "POST", body: '{"text":"hello"}' });
    expect((await post()).status).toBe(201);
    const socket = await openChat(service.socket("away"));
    await killRuntime(service.pid, 0);
    const statuses = new Set<number>();
    await poll("the sequencer to answer again", async () => {
      const { status } = await post();
      statuses.add(status);
      return status === 201;
    });
    expect([...statuses]).toEqual([503, 201]);
    expect(await socket.next("message")).toMatchObject({ seq: 2 });
    await socket.close();
  });

  test("a room without messages keeps its epoch when the sequencer is killed", async () => {
    const service = await startServe({ args: ["--workers", "2"] });
    onTestFinished(() => service.kill());
    const early = await openChat(service.socket("empty"));
    await killRuntime(service.pid, 0);
    await poll("the sequencer to run again", async () =>
      runtimesOf(service.pid).some(({ worker }) => worker === 0),
    );
    const summary = new URL("/api/rooms/empty", service.url);
    const { epoch } = await poll("the room to answer", async () => {
      const answer = await fetch(summary);
      return answer.ok && Object(await answer.json());
    });
    expect(epoch).toBe(early.welcome.epoch);
    await early.close();
  });

  test("users of a killed worker leave", async () => {
    const service = await startServe({ args: ["--workers", "2"] });
    onTestFinished(() => service.kill());
    const sockets = await Promise.all(Array.from({ length: 12 }, () => openChat(service.socket("left"))));
    let ended = 0;
    for (const socket of sockets) void socket.closed.then(() => (ended += 1));
    const [first] = sockets;
    first?.command({ type: "send", id: "one", text: "hello" });
    await first?.next("ok");
    await killRuntime(service.pid, 1);
    const counts = () =>
      sockets.flatMap(({ heard }) => {
        const line = heard.findLast((line) => line.startsWith('{"type":"presence"'));
        return line === undefined ? [] : [Number(Object(JSON.parse(line)).online)];
      });
    await poll("the count to fall", async () => ended > 0 && counts().includes(sockets.length - ended));
    expect(ended).toBeLessThan(sockets.length);
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  test("end with the server", async () => {
    const service = await startServe({ args: ["--workers", "2"] });
    const runtimes = runtimesOf(service.pid);
    expect(runtimes.map(({ worker }) => worker)).toEqual([0, 1, 2]);
    expect(await service.stop()).toBe(0);
    for (const { pid } of runtimes) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});
