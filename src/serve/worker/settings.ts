/** Settings: what the server tells the front, as JSON in the environment variable SERVE. */

/** FrontSettings are fixed while the runtime runs. */
export interface FrontSettings {
  /** `run_worker_first` of wrangler.toml. */
  readonly workerFirst: readonly string[] | boolean;
  /** Addresses and subnets, like `192.0.2.0/24`, of proxies besides those on this machine. */
  readonly trustedProxies: readonly string[];
  /** Host names to answer for, in lower case; null for all. */
  readonly allowedHosts: readonly string[] | null;
  /** File descriptors up to which requests for the app are accepted; null for no limit. */
  readonly maxDescriptors: number | null;
}
