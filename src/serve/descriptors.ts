/**
 * Descriptors: how many files and sockets the runtime may open. It ends when a connection arrives and there is
 * no descriptor left, so the front refuses requests before that.
 */
import { execFileSync } from "node:child_process";

/** Part of the limit for what the front accepts. The rest is for connections without a request. */
const SHARE = 0.8;

/** Descriptors of a runtime without connections, and of one connection. */
const IDLE = 30;
const PER_CONNECTION = 2;

/** DescriptorLimit is what the system allows and what the front makes of it. */
export interface DescriptorLimit {
  /** Descriptors that the system allows. */
  readonly system: number;
  /** Descriptors up to which the front accepts requests. */
  readonly accepted: number;
  /** Connections that fit, if they all are in a few rooms: an active room has 3 descriptors. */
  readonly connections: number;
}

/**
 * The limit of this process, which its children inherit. Node has raised it from the soft to the hard limit.
 * Undefined if the system has none.
 */
export function descriptorLimit(): DescriptorLimit | undefined {
  if (process.platform === "win32") return undefined;
  const system = Number(execFileSync("/bin/sh", ["-c", "ulimit -n"], { encoding: "utf8" }));
  if (!Number.isSafeInteger(system)) return undefined; // "unlimited"
  const accepted = Math.floor(system * SHARE);
  return { system, accepted, connections: Math.max(0, Math.floor((accepted - IDLE) / PER_CONNECTION)) };
}
