/**
 * Service worker: caches the shell of the page, so that the page starts without a network. The page itself stores the
 * latest messages.
 */
export {};

declare const self: ServiceWorkerGlobalScope;
/** URL paths of the shell's files, set by the build. */
declare const SHELL_FILES: readonly string[];
/** Changes with any of these files; set by the build. */
declare const SHELL_VERSION: string;

const CACHE = `edge-chat-${SHELL_VERSION}`;
/** Time after which the cached page is shown if the network does not answer. */
const PAGE_TIMEOUT_MS = 3_000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(SHELL_FILES.map((file) => new Request(file, { cache: "no-cache" })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("edge-chat-") && name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === "/" || pathname.startsWith("/r/")) event.respondWith(page(request));
  } else if (pathname.startsWith("/build/chunk-")) {
    event.respondWith(unchanging(request));
  } else if (SHELL_FILES.includes(pathname)) {
    event.respondWith(file(request));
  }
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address: unknown = event.notification.data;
  event.waitUntil(typeof address === "string" ? show(address) : Promise.resolve());
});

/** Returns the page from the network, or the cached one if the network does not answer in time. */
async function page(request: Request): Promise<Response> {
  const cached = caches.match("/", { cacheName: CACHE });
  const late = new Promise<null>((done) => setTimeout(done, PAGE_TIMEOUT_MS, null));
  try {
    const response = await Promise.race([fetch(request), late]);
    if (response !== null) return response;
  } catch {
    // No network.
  }
  return (await cached) ?? fetch(request);
}

/** Returns a file of the shell from the network, else from the cache. */
async function file(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (response.ok) return response;
  } catch {
    // No network.
  }
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true })) ?? Response.error();
}

/** Returns a file whose name contains a hash of its content: cached on first use. */
async function unchanging(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const cached = await cache.match(request);
  if (cached !== undefined) return cached;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

/** Focuses the tab of `address` and sends it the address, or opens a new tab. */
async function show(address: string): Promise<void> {
  for (const client of await self.clients.matchAll({ type: "window" })) {
    if (new URL(client.url).pathname === new URL(address, self.location.origin).pathname) {
      client.postMessage(address);
      await client.focus();
      return;
    }
  }
  await self.clients.openWindow(address);
}
