import { describe, expect, test } from "vitest";
import { ask, freshRoom, join, newKey } from "./rooms.ts";

const post = (room: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(`/api/rooms/${room}/messages`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const get = (path: string) => ask(`/api/rooms/${path}`);

/** What a summary says of a room that everyone may enter. */
const OPEN = { entry: "open", locked: false, closed: false };

describe("GET", () => {
  test("reads a room without events as empty", async () => {
    const room = freshRoom();
    expect(await (await get(room)).json()).toEqual({ room, epoch: "", seq: 0, online: 0, ...OPEN });
    const empty = { epoch: "", seq: 0, events: [], more: false };
    expect(await (await get(`${room}/messages`)).json()).toEqual(empty);
    expect(await (await get(`${room}/messages?after=0`)).json()).toEqual(empty);
  });

  test("returns pages before and after a seq, without command ids", async () => {
    const room = freshRoom();
    const ann = await join(room, { name: "Ann" });
    ann.command(
      { type: "send", id: "a", text: "one" },
      { type: "send", id: "b", text: "two" },
      { type: "edit", id: "c", target: 1, text: "uno" },
      { type: "send", id: "d", text: "three" },
    );
    await ann.linesUntil((line) => line.type === "message" && line.seq === 4);
    const { epoch } = ann.welcome;
    expect(await (await get(room)).json()).toEqual({ room, epoch, seq: 4, online: 1, ...OPEN });
    expect(await (await get(`${room}/messages?limit=2`)).json()).toMatchObject({
      seq: 4,
      events: [{ seq: 2 }, { seq: 4 }],
      more: true,
    });
    expect(await (await get(`${room}/messages?before=2`)).json()).toMatchObject({
      events: [{ seq: 1, text: "uno", edited: expect.any(Number) }],
      more: false,
    });
    const after = await (await get(`${room}/messages?after=1&epoch=${epoch}&limit=2`)).text();
    expect(JSON.parse(after)).toMatchObject({ events: [{ seq: 2 }, { seq: 3, type: "edit" }], more: true });
    expect(after).not.toContain('"id"');
  });

  test("answers 409 for another epoch", async () => {
    const room = freshRoom();
    await join(room);
    const response = await get(`${room}/messages?after=0&epoch=other`);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: "epoch" } });
  });

  test("allows any origin to read, with the headers of a JSON response", async () => {
    const response = await ask("/api/rooms/demo", { headers: { Origin: "https://elsewhere.example" } });
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(response.headers.get("Content-Type")).toMatch(/^application\/json/);
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(response.headers.get("Referrer-Policy")).toBe("no-referrer");
  });
});

describe("POST", () => {
  test("appends a message and sends it to the room", async () => {
    const room = freshRoom();
    const ann = await join(room);
    const response = await post(room, { name: "Curl", text: "by HTTP" });
    expect(response.status).toBe(201);
    const { user } = await response.json<{ user: string }>();
    expect(await ann.next("message")).toMatchObject({ seq: 1, user, name: "Curl", text: "by HTTP" });
  });

  test("makes one message for each id, as the user that the key has on a socket", async () => {
    const room = freshRoom();
    const key = newKey();
    const ann = await join(room, { key });
    const body = { key, id: "a", text: "once" };
    const [first, second] = [await post(room, body), await post(room, body)];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await first.json()).toEqual({ seq: 1, user: ann.welcome.you.user });
    expect(await second.json()).toEqual({ seq: 1, user: ann.welcome.you.user });
    expect((await post(room, { ...body, text: "twice" })).status).toBe(409);
  });

  test("answers 429 with Retry-After above the rate limit", async () => {
    const room = freshRoom();
    const responses = [];
    const headers = { "CF-Connecting-IP": "192.0.2.7" };
    for (let i = 0; i < 30; i += 1) responses.push(await post(room, { text: `${i}` }, headers));
    const rejected = responses.filter(({ status }) => status === 429);
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected[0]?.headers.get("Retry-After")).toBe("1");
    expect(await rejected[0]?.json()).toMatchObject({ error: { code: "rate_limited" } });
  });

  test.each([
    ["invalid JSON", "text=hi", 400, "bad_request"],
    ["no text", { name: "Ann" }, 400, "bad_request"],
    ["a text over the limit", { text: "x".repeat(8193) }, 413, "too_long"],
    ["a body over the limit", { text: "x".repeat(40_000) }, 413, "too_long"],
  ])("rejects %s", async (_, body, status, code) => {
    const response = await post(freshRoom(), body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, message: expect.any(String) } });
  });

  test("rejects a page of another origin", async () => {
    const response = await post("demo", { text: "x" }, { Origin: "https://elsewhere.example" });
    expect(response.status).toBe(403);
  });
});

describe("an invalid request", () => {
  test.each([
    ["GET", "/api/rooms/a%2Fb", 400, "bad_request"],
    ["GET", "/api/rooms/demo/messages?limit=0", 400, "bad_request"],
    ["GET", "/api/rooms/demo/messages?before=1&after=1", 400, "bad_request"],
    ["GET", "/api/rooms/demo/messages?before=x", 400, "bad_request"],
    ["DELETE", "/api/rooms/demo", 405, "method_not_allowed"],
    ["PUT", "/api/rooms/demo/messages", 405, "method_not_allowed"],
    ["GET", "/api/rooms", 404, "not_found"],
    ["GET", "/api/rooms/demo/people", 404, "not_found"],
  ])("%s %s is answered %i %s", async (method, path, status, code) => {
    const response = await ask(path, { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });
});

test("answers the health check with ok", async () => {
  const response = await ask("/healthz");
  expect([response.status, await response.text()]).toEqual([200, "ok"]);
});
