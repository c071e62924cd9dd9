/** Address: where the server listens, and for which host names it answers. */
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { StartError } from "./start-error.ts";

/** Meaning of the error codes of `listen` and `lookup`. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses that port",
  EACCES: "this user may not use that port",
  EADDRNOTAVAIL: "this machine does not have that address",
  ENOTFOUND: "there is no such host",
};

/**
 * Resolves `host` and checks that `port` is free, since Node gives better reasons than the runtime. Throws a
 * StartError if nothing can listen there.
 */
export async function freeAddress(host: string, port: number): Promise<string> {
  try {
    const { address } = await lookup(host);
    const probe = createServer().listen({ host: address, port });
    await once(probe, "listening");
    probe.close();
    await once(probe, "close");
    return address;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new StartError(`Cannot listen on ${hostAndPort(host, port)}: ${REASONS[code] ?? code}.`);
  }
}

/** `host:port` as in a URL, with brackets around an IPv6 address. */
export function hostAndPort(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

/** An address at which this machine reaches a server that listens on `address`, which may stand for all. */
export function reachable(address: string): string {
  return { "0.0.0.0": "127.0.0.1", "::": "::1" }[address] ?? address;
}

/**
 * The host names that a server on `address` answers for, or null for all. `host` is the name of that address on
 * the command line, and `allowed` are further names.
 */
export function hostNames(host: string, address: string, allowed: readonly string[]): string[] | null {
  const isLoopback = address === "::1" || address.startsWith("127.");
  if (!isLoopback && allowed.length === 0) return null;
  return ["localhost", "127.0.0.1", "[::1]", ...[host, address].map(bracketed), ...allowed];
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host.toLowerCase();
}
