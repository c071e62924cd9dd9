// The self-hosting server and `wrangler dev` send the same pages, header by header.
import type { IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { handshake, UPGRADE } from "../helpers/raw-socket.ts";
import { type Service, startDev, startServe } from "../helpers/service.ts";

let serve: Service;
let dev: Service;
beforeAll(async () => {
  // One after the other, since each may build the page.
  serve = await startServe();
  dev = await startDev();
});
afterAll(async () => {
  await Promise.all([serve?.stop(), dev?.stop()]);
});

const COMPRESSED = { "Accept-Encoding": "gzip, deflate, br, zstd" };

test.each([
  ["the page", "/", {}],
  ["the page, compressed", "/", COMPRESSED],
  ["the page in Brotli", "/", { "Accept-Encoding": "br" }],
  ["the page of a room, from the Worker", "/r/demo", {}],
  ["the page of a room, compressed", "/r/demo", COMPRESSED],
  ["a room's name that is not canonical", "/r/Demo", {}],
  ["a room's name that is invalid", "/r/a%2Fb", COMPRESSED],
  ["the script", "/build/theme.js", {}],
  ["the script, compressed", "/build/theme.js", COMPRESSED],
  ["the style", "/build/page.css", COMPRESSED],
  ["the service worker", "/build/sw.js", COMPRESSED],
  ["a picture", "/icons/icon-192.png", COMPRESSED],
  ["a drawing", "/icons/icon.svg", COMPRESSED],
  ["the manifest", "/manifest.webmanifest", COMPRESSED],
  ["the page by the name of its file", "/index.html", {}],
  ["a page that does not exist", "/missing", COMPRESSED],
  ["a folder", "/icons/", {}],
  ["the file of headers, which is not served", "/_headers", {}],
  ["a path that is not UTF-8", "/%FF", {}],
  ["a part of a page", "/", { Range: "bytes=0-9" }],
  ["a socket where there is a page", "/", UPGRADE],
  ["the health check", "/healthz", COMPRESSED],
  ["a call that does not exist", "/api/nothing", COMPRESSED],
])("%s: GET %s", async (_, path, headers) => {
  const [ours, theirs] = await Promise.all([ask(serve, path, headers), ask(dev, path, headers)]);
  expect(ours).toEqual(theirs);
});

test.each([
  ["HEAD", "/", COMPRESSED],
  ["HEAD", "/build/theme.js", COMPRESSED],
  ["HEAD", "/r/demo", COMPRESSED],
  ["HEAD", "/missing", COMPRESSED],
  // Uncompressed, since `wrangler dev` compresses even an empty response.
  ["POST", "/", {}],
  ["OPTIONS", "/", {}],
])("%s %s", async (method, path, headers) => {
  const [ours, theirs] = await Promise.all([
    ask(serve, path, headers, method),
    ask(dev, path, headers, method),
  ]);
  expect(ours).toEqual(theirs);
});

test.each(["/", "/r/demo", "/build/theme.js"])("%s, revalidated by a browser that has it", async (path) => {
  const again = async (service: Service) => {
    const { headers } = await handshake(service.url, path, COMPRESSED);
    return ask(service, path, { ...COMPRESSED, "If-None-Match": String(headers.etag) });
  };
  const [ours, theirs] = await Promise.all([again(serve), again(dev)]);
  expect(ours).toEqual(theirs);
  expect(ours.status).toBe(304);
});

test("the page's script, cached for ever, since its name contains its hash", async () => {
  const { body } = await handshake(serve.url, "/", {});
  const path = /<script type="module" src="([^"]+)"/.exec(body)?.[1] ?? "";
  const [ours, theirs] = await Promise.all([ask(serve, path, COMPRESSED), ask(dev, path, COMPRESSED)]);
  expect(ours).toEqual(theirs);
  expect(ours.headers["cache-control"]).toContain("immutable");
});

/** The response of `service`, reduced to what belongs to the page. */
async function ask(service: Service, path: string, headers: Record<string, string>, method = "GET") {
  const answer = await handshake(service.url, path, headers, method);
  return { status: answer.status, headers: ofThePage(answer.headers), body: answer.body };
}

/**
 * Headers without those of the connection and of the moment. CF-Cache-Status depends on how fast a file was read.
 * `wrangler dev` sends every page in chunks. The two servers compute entity tags in different ways.
 */
function ofThePage({ date, connection, "keep-alive": _, ...headers }: IncomingHttpHeaders) {
  const {
    "content-length": _length,
    "transfer-encoding": _coding,
    "cf-cache-status": _speed,
    ...rest
  } = headers;
  return { ...rest, etag: rest.etag?.replace(/"[^"]+"/, '"a tag"') };
}
