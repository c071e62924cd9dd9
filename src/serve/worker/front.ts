/**
 * Front: what Cloudflare does around a Worker. It checks the host, passes each request to the assets or to the
 * app, tells the app the client's address and compresses responses. It shares the app's isolate: a second isolate in the path of a handshake makes a join 50% slower.
 */
import app, { RoomFiles as Files, RoomRelay as Relay, ChatRoom as Room } from "app";
import { proxyList, withClientAddress } from "./client-address.ts";
import { compressed } from "./compression.ts";
import { hostName } from "./host.ts";
import { failWritesWhenFull } from "./read-only.ts";
import { appEnv, type BridgeEnv, workerBridge } from "./remote.ts";
import { workerFirst } from "./routing.ts";
import { SERVER_HEADER } from "./settings.ts";
import { sharedOf } from "./shared.ts";

export { Bridge } from "./bridge.ts";

/** ChatRoom is the app's, but read-only while the disk is full. */
export class ChatRoom extends Room {
  constructor(ctx: DurableObjectState, env: FrontEnv) {
    const { settings, disk } = sharedOf(env);
    failWritesWhenFull(ctx.storage.sql, disk);
    super(ctx, appEnv(env, settings));
  }
}

/** RoomFiles is the app's, but read-only while the disk is full. */
export class RoomFiles extends Files {
  constructor(ctx: DurableObjectState, env: FrontEnv) {
    const { settings, disk } = sharedOf(env);
    failWritesWhenFull(ctx.storage.sql, disk);
    super(ctx, appEnv(env, settings));
  }
}

/** RoomRelay is the app's, but read-only while the disk is full. */
export class RoomRelay extends Relay {
  constructor(ctx: DurableObjectState, env: FrontEnv) {
    const { settings, disk } = sharedOf(env);
    failWritesWhenFull(ctx.storage.sql, disk);
    super(ctx, appEnv(env, settings));
  }
}

interface FrontEnv extends BridgeEnv {
  readonly SERVE_ASSETS: Fetcher;
}

let front: ReturnType<typeof createFront> | undefined;

export default {
  fetch(request: Request, env: FrontEnv, ctx: ExecutionContext): Promise<Response> {
    front ??= createFront(env);
    return front(request, ctx);
  },
};

function createFront(env: FrontEnv) {
  const { settings, disk, budget } = sharedOf(env);
  const forApp = appEnv(env, settings);
  const isForApp = workerFirst(settings.workerFirst);
  const proxies = proxyList(settings.trustedProxies);

  return async (request: Request, ctx: ExecutionContext): Promise<Response> => {
    if (request.headers.get(SERVER_HEADER) === settings.token) {
      const isKnown = await setDiskFull(env, (await request.text()) === "true");
      return new Response(null, { status: isKnown ? 204 : 503 });
    }
    if (settings.process.type === "sequencer") return plain(404, "the workers take the requests");
    const host = hostName(request.headers.get("Host"));
    if (host === null) return plain(400, "the Host header is invalid");
    if (settings.allowedHosts?.includes(host) === false)
      return plain(403, `this server does not answer for ${host}: start it with --allow-host ${host}`);
    if (!isForApp(new URL(request.url).pathname))
      return compressed(request, await env.SERVE_ASSETS.fetch(request));
    if (!(await budget.admit(Date.now())))
      return plain(503, "the server has too many connections: try again later", { "Retry-After": "10" });
    if (disk.isFull && request.method === "POST") return unavailable("the disk of the server is full");
    const addressed = withClientAddress(request, request.cf?.clientIp, proxies);
    return compressed(request, await app.fetch(addressed, forApp, ctx));
  };
}

/** Sets whether the disk is full, here and in the workers. Returns whether all know it. */
async function setDiskFull(env: FrontEnv, isFull: boolean): Promise<boolean> {
  const { settings, disk } = sharedOf(env);
  const { process } = settings;
  disk.isFull = isFull;
  const workers = process.type === "sequencer" ? process.workers : 0;
  const told = Array.from({ length: workers }, (_, n) => workerBridge(env, n + 1).setDiskFull(isFull));
  return (await Promise.allSettled(told)).every(({ status }) => status === "fulfilled");
}

function plain(status: number, reason: string, headers: Record<string, string> = {}): Response {
  return new Response(`${reason}\n`, {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", ...headers },
  });
}

/** An error of the HTTP API. Pages of any origin may read it. */
function unavailable(message: string): Response {
  const headers = {
    "Access-Control-Allow-Origin": "*",
    "Retry-After": "60",
    "X-Content-Type-Options": "nosniff",
  };
  return Response.json({ error: { code: "unavailable", message } }, { status: 503, headers });
}
