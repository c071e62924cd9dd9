/**
 * Front: what Cloudflare does around a Worker: it decides between the assets and the app, and compresses. It runs in
 * the app's own isolate, since each isolate that a handshake passes through makes a join dearer by half.
 */
import app from "app";
import rules from "rules";
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
    const forApp = isForApp(new URL(request.url).pathname) || !(await isAsset(request, env));
    const response = forApp ? app.fetch(request, env, ctx) : env.SERVE_ASSETS.fetch(request);
    return compressed(request, await response);
  },
};

/** Whether the assets have an answer; a page that says 404 is one. */
function isAsset(request: Request, env: FrontEnv): Promise<boolean> {
  const { url, method, headers } = request;
  return env.SERVE_ASSETS.unstable_canFetch(new Request(url, { method, headers }));
}
