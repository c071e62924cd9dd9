/** The modules beside the front in the running Worker, which the build puts there. */

/** The service itself, as wrangler bundles it for Cloudflare. */
declare module "app" {
  const app: { fetch(request: Request, env: unknown, ctx: ExecutionContext): Response | Promise<Response> };
  export default app;
}

/** What wrangler.toml says of `run_worker_first`. */
declare module "rules" {
  const rules: readonly string[] | boolean;
  export default rules;
}
