/**
 * Front: what Cloudflare does around a Worker. It checks the host, passes each request to the assets or to the
 * app, tells the app the client's address and compresses responses. It shares the app's isolate: a second isolate in the path of a handshake makes a join 50% slower.
 */
import app, { RoomFiles as Files, RoomRelay as Relay, ChatRoom as Room } from "app";
import { proxyList, withClientAddress } from "./client-address.ts";
import { compressed } from "./compression.ts";
import { DescriptorBudget } from "./descriptor-budget.ts";
import { hostName } from "./host.ts";
import { type DiskState, failWritesWhenFull } from "./read-only.ts";
import { workerFirst } from "./routing.ts";
import { type FrontSettings, SERVER_HEADER } from "./settings.ts";

/** Shared with the rooms, which run in the same isolate. */
const disk: DiskState = { isFull: false };

/** ChatRoom is the app's, but read-only while the disk is full. */
export class ChatRoom extends Room {
  constructor(ctx: DurableObjectState, env: FrontEnv) {
    failWritesWhenFull(ctx.storage.sql, disk);
    super(ctx, env);
  }
}

/** RoomFiles is the app's, but read-only while the disk is full. */
export class RoomFiles extends Files {
  constructor(ctx: DurableObjectState, env: FrontEnv) {
    failWritesWhenFull(ctx.storage.sql, disk);
    super(ctx, env);
  }
}

/** RoomRelay is the app's, but read-only while the disk is full. */
export class RoomRelay extends Relay {
  constructor(ctx: DurableObjectState, env: FrontEnv) {
    failWritesWhenFull(ctx.storage.sql, disk);
    super(ctx, env);
  }
}

interface FrontEnv {
  readonly SERVE_ASSETS: Fetcher;
  /** Lists the file descriptors of the runtime. */
  readonly SERVE_DESCRIPTORS: Fetcher;
  /** FrontSettings as JSON. */
  readonly SERVE: string;
}

let front: ReturnType<typeof createFront> | undefined;

export default {
  fetch(request: Request, env: FrontEnv, ctx: ExecutionContext): Promise<Response> {
    front ??= createFront(env);
    return front(request, ctx);
  },
};

function createFront(env: FrontEnv) {
  const settings: FrontSettings = JSON.parse(env.SERVE);
  disk.isFull = settings.isDiskFull;
  const isForApp = workerFirst(settings.workerFirst);
  const proxies = proxyList(settings.trustedProxies);
  const budget = new DescriptorBudget(settings.maxDescriptors ?? Number.POSITIVE_INFINITY, () =>
    openDescriptors(env.SERVE_DESCRIPTORS),
  );

  return async (request: Request, ctx: ExecutionContext): Promise<Response> => {
    if (request.headers.get(SERVER_HEADER) === settings.token) {
      disk.isFull = (await request.text()) === "true";
      return new Response(null, { status: 204 });
    }
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
    return compressed(request, await app.fetch(addressed, env, ctx));
  };
}

/** The number of open file descriptors, or 0 if the system does not list them. */
async function openDescriptors(folder: Fetcher): Promise<number> {
  const response = await folder.fetch("http://descriptors/");
  if (!response.ok) return 0;
  const entries: unknown = await response.json();
  return Array.isArray(entries) ? entries.length : 0;
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
