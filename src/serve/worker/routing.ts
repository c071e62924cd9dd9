/** Routing: which requests go to the Worker and which to the assets. */

/**
 * Compiles `run_worker_first` of wrangler.toml: a list of paths in which `*` matches any text and a leading `!`
 * makes an exception, or one value for all paths. The result says whether a path goes to the Worker.
 * https://developers.cloudflare.com/workers/static-assets/binding/#run_worker_first
 */
export function workerFirst(rules: readonly string[] | boolean): (pathname: string) => boolean {
  if (typeof rules === "boolean") return () => rules;
  const taken = rules.filter((rule) => !rule.startsWith("!")).map(pattern);
  const excepted = rules.filter((rule) => rule.startsWith("!")).map((rule) => pattern(rule.slice(1)));
  return (pathname) =>
    taken.some((rule) => rule.test(pathname)) && !excepted.some((rule) => rule.test(pathname));
}

function pattern(rule: string): RegExp {
  return new RegExp(`^${rule.replace(/[^\w*]/g, "\\$&").replaceAll("*", ".*")}$`);
}
