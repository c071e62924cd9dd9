// The answer of each address to a browser or curl.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Service, startServe } from "../helpers/service.ts";

let service: Service;
beforeAll(async () => {
  service = await startServe();
});
afterAll(() => service?.stop());

const get = (path: string) => fetch(new URL(path, service.url), { redirect: "manual" });

test("serves the page at / and /r/NAME with security headers", async () => {
  const lobby = await get("/");
  const room = await get("/r/demo");
  for (const answer of [lobby, room]) {
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
    const policy = answer.headers.get("content-security-policy");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe-");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  }
  expect(await room.text()).toBe(await lobby.text());
});

test.each([
  ["/r/Team-A", "/r/team-a"],
  ["/r/CAFE%CC%81", "/r/caf%C3%A9"],
  ["/r/%64emo", "/r/demo"],
])("redirects %s to its canonical address %s", async (path, canonical) => {
  const answer = await get(path);
  expect(answer.status).toBe(308);
  expect(new URL(answer.headers.get("location") ?? "", service.url).pathname).toBe(canonical);
});

test.each(["/r/a%20b", "/r/%FF", "/r/a%2Fb", "/r/a/b", "/r/", `/r/${"a".repeat(65)}`, "/nothing-here"])(
  "answers %s with a 404 page",
  async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
  },
);

test("answers ok to a health check", async () => {
  const answer = await get("/healthz");
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("ok");
});
