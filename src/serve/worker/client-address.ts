/** Client address: set in the header in which Cloudflare passes it to a Worker. */
import { BlockList, isIPv6 } from "node:net";

const HEADER = "CF-Connecting-IP";

/** The addresses of proxies: those of this machine, and `subnets` like `192.0.2.1` or `192.0.2.0/24`. */
export function proxyList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of ["127.0.0.0/8", "::1", ...subnets]) {
    const [address = "", bits] = subnet.split("/");
    const family = familyOf(address);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/**
 * `request` with the address of `peer`, which is like "192.0.2.1:1234" or "[2001:db8::1]:1234", in the header.
 * A request from a proxy stays as it is: the proxy sets the header. Without the header, the address is unknown:
 * a client on this machine, or a proxy whose clients must not share one rate limit.
 */
export function withClientAddress(request: Request, peer: unknown, proxies: BlockList): Request {
  const address = addressOf(typeof peer === "string" ? peer : "");
  if (proxies.check(address, familyOf(address))) return request;
  const addressed = new Request(request);
  addressed.headers.set(HEADER, address);
  return addressed;
}

/** The address in `peer` without the port. An IPv4 address from an IPv6 socket becomes plain IPv4. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, "").replace(/^\[(?:::ffff:(?=[\d.]+\]))?(.*)\]$/, "$1");
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
