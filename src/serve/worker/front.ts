/**
 * Front: what Cloudflare does around a Worker. It decides between the assets and the app, tells the app who asks,
 * and compresses. It runs in the app's own isolate: one more on a handshake's way makes a join dearer by half.
 */
import app from "app";
import rules from "rules";
import { withClientAddress } from "./client-address.ts";
import { compressed } from "./compression.ts";
import { workerFirst } from "./routing.ts";

// The Durable Objects.
export * from "app";

interface FrontEnv {
  readonly SERVE_ASSETS: Fetcher & { unstable_canFetch(request: Request): Promise<boolean> };
}

const isForApp = workerFirst(rules);

export default {
  async fetch(request: Request, env: FrontEnv, ctx: ExecutionContext): Promise<Response> {
    const forApp = isForApp(new URL(request.url).pathname);
    // A handshake goes on as it came: nobody counts its address here, and copying it costs as much as answering it.
    if (forApp && request.headers.has("Upgrade")) return app.fetch(request, env, ctx);
    if (!forApp && (await isAsset(request, env)))
      return compressed(request, await env.SERVE_ASSETS.fetch(request));
    const addressed = withClientAddress(request, request.cf?.clientIp);
    return compressed(request, await app.fetch(addressed, env, ctx));
  },
};

/** Whether the assets have an answer; a page that says 404 is one. */
function isAsset({ url, method, headers }: Request, env: FrontEnv): Promise<boolean> {
  return env.SERVE_ASSETS.unstable_canFetch(new Request(url, { method, headers }));
}
