/** Settings: what the server tells the front, as JSON in the environment variable SERVE. */

/** Header with which the server, and nothing else, calls the front: its value is the token. */
export const SERVER_HEADER = "Serve-Token";

/** FrontProcess is the part of the service that a process has. */
export type FrontProcess =
  /** The whole service. */
  | { readonly type: "alone" }
  /** The rooms and their files. Workers, numbered from 1, have the connections. */
  | { readonly type: "sequencer"; readonly workers: number }
  | { readonly type: "worker"; readonly number: number };

/** FrontSettings are fixed while the runtime runs. */
export interface FrontSettings {
  readonly process: FrontProcess;
  /** `run_worker_first` of wrangler.toml. */
  readonly workerFirst: readonly string[] | boolean;
  /** Addresses and subnets, like `192.0.2.0/24`, of proxies besides those on this machine. */
  readonly trustedProxies: readonly string[];
  /** Host names to answer for, in lower case; null for all. */
  readonly allowedHosts: readonly string[] | null;
  /** File descriptors up to which requests for the app are accepted; null for no limit. */
  readonly maxDescriptors: number | null;
  /** Secret of this start. A request with it has "true" or "false" as its body: whether the disk is full. */
  readonly token: string;
  /** Whether the disk is full at the start. */
  readonly isDiskFull: boolean;
}
