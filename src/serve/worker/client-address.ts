/** Client address: who a request comes from, in the header in which Cloudflare tells a Worker. */

const HEADER = "CF-Connecting-IP";

/**
 * `request` with the address that it came from, as `peer` gives it: "192.0.2.1:1234" or "[2001:db8::1]:1234". What
 * the header said before stays only where a proxy on this machine may have set it, since anyone else could forge it.
 */
export function withClientAddress(request: Request, peer: unknown): Request {
  const address = addressOf(typeof peer === "string" ? peer : "");
  if (isLoopback(address) && request.headers.has(HEADER)) return request;
  const addressed = new Request(request);
  addressed.headers.set(HEADER, address);
  return addressed;
}

/** The address in `peer` without its port; an IPv4 address that came over an IPv6 socket as IPv4. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, "").replace(/^\[(?:::ffff:(?=[\d.]+\]))?(.*)\]$/, "$1");
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
