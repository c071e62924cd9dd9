/** Address: where the server listens, tried before the runtime starts, since Node names the reason best. */
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { StartError } from "./start-error.ts";

/** What the codes of a refused `listen` mean to the person who asked for it. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else listens there",
  EACCES: "this user may not listen there",
  EADDRNOTAVAIL: "this machine does not have that address",
  ENOTFOUND: "there is no such host",
};

/** The address `host` and `port` as the runtime takes it. Throws a StartError where nothing can listen there. */
export async function freeAddress(host: string, port: number): Promise<string> {
  try {
    const { address } = await lookup(host);
    const probe = createServer().listen({ host: address, port });
    await once(probe, "listening");
    probe.close();
    await once(probe, "close");
    return hostAndPort(address, port);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new StartError(`Cannot listen on ${hostAndPort(host, port)}: ${REASONS[code] ?? code}.`);
  }
}

/** `host:port` as it stands in a URL, an IPv6 address in brackets. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
