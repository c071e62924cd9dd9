/** Routing: which requests go to the Worker before the assets are looked at. */

/**
 * Reads `run_worker_first` of wrangler.toml: paths in which `*` stands for anything, and those after a `!` taken
 * out again, or one answer for all. Gives whether the Worker comes first at a path.
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
