/** Client address: set in the header in which Cloudflare passes it to a Worker. */

const HEADER = "CF-Connecting-IP";

/**
 * `request` with the address of `peer`, which is like "192.0.2.1:1234" or "[2001:db8::1]:1234". A header that is
 * already there is kept only if the peer is on this machine, where it may be a proxy. Others could forge it.
 */
export function withClientAddress(request: Request, peer: unknown): Request {
  const address = addressOf(typeof peer === "string" ? peer : "");
  if (isLoopback(address) && request.headers.has(HEADER)) return request;
  const addressed = new Request(request);
  addressed.headers.set(HEADER, address);
  return addressed;
}

/** The address in `peer` without the port. An IPv4 address from an IPv6 socket becomes plain IPv4. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, "").replace(/^\[(?:::ffff:(?=[\d.]+\]))?(.*)\]$/, "$1");
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
