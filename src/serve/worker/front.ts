/**
 * Front: what Cloudflare does around a Worker. It passes each request to the assets or to the app, tells the app
 * the client's address and compresses responses. It shares the app's isolate: a second isolate in the path of a
 * handshake makes a join 50% slower.
 */
import app from "app";
import { withClientAddress } from "./client-address.ts";
import { compressed } from "./compression.ts";
import { workerFirst } from "./routing.ts";

// The Durable Object classes.
export * from "app";

interface FrontEnv {
  readonly ASSETS: Fetcher;
  readonly SERVE: {
    /** `run_worker_first` of wrangler.toml. */
    readonly workerFirst: readonly string[] | boolean;
  };
}

let isForApp: ((pathname: string) => boolean) | undefined;

export default {
  async fetch(request: Request, env: FrontEnv, ctx: ExecutionContext): Promise<Response> {
    isForApp ??= workerFirst(env.SERVE.workerFirst);
    if (!isForApp(new URL(request.url).pathname)) return compressed(request, await env.ASSETS.fetch(request));
    // Copying a handshake costs as much as answering it.
    if (request.headers.has("Upgrade")) return app.fetch(request, env, ctx);
    const addressed = withClientAddress(request, request.cf?.clientIp);
    return compressed(request, await app.fetch(addressed, env, ctx));
  },
};
