/** Compression: sends responses in the coding that the client accepts, as Cloudflare and `wrangler dev` do. */
import { parseAccept } from "hono/utils/accept";

/** Types that get smaller, of those that Cloudflare compresses. */
const COMPRESSIBLE =
  /^(text\/|application\/(javascript|json|manifest\+json|xml|wasm)|image\/(svg\+xml|x-icon))/;

/** `response`, labelled with the best coding that `request` accepts; the runtime compresses by that label. */
export function compressed(request: Request, response: Response): Response {
  const type = response.headers.get("Content-Type");
  if (type === null || !COMPRESSIBLE.test(type)) return response;
  if (response.headers.get("Cache-Control")?.includes("no-transform")) return response;
  const coding = acceptedCoding(request.headers.get("Accept-Encoding"));
  if (coding === undefined || response.headers.has("Content-Encoding")) return response;
  const labelled = new Response(response.body, response);
  labelled.headers.set("Content-Encoding", coding);
  return labelled;
}

/**
 * The coding with the highest weight in an Accept-Encoding header, of those that the runtime has, or the first
 * of several (RFC 9110, section 12.5.3). Undefined if the client prefers no coding.
 */
export function acceptedCoding(header: string | null): "gzip" | "br" | undefined {
  for (const { type, q } of parseAccept((header ?? "").toLowerCase())) {
    if (q === 0 || type === "identity") return undefined;
    if (type === "gzip" || type === "br") return type;
  }
  return undefined;
}
