/** Compression: answers are sent in the coding that the client takes, as Cloudflare and `wrangler dev` send them. */

/** Types that gain from it, of those that Cloudflare compresses. */
const COMPRESSIBLE =
  /^(text\/|application\/(javascript|json|manifest\+json|xml|wasm)|image\/(svg\+xml|x-icon))/;

/** `response` in the best coding that `request` accepts; the runtime compresses what is so labelled. */
export function compressed(request: Request, response: Response): Response {
  const type = response.headers.get("Content-Type");
  if (type === null || !COMPRESSIBLE.test(type)) return response;
  const coding = acceptedCoding(request.headers.get("Accept-Encoding"));
  if (coding === undefined || response.headers.has("Content-Encoding")) return response;
  const labelled = new Response(response.body, response);
  labelled.headers.set("Content-Encoding", coding);
  return labelled;
}

/**
 * The coding that an Accept-Encoding header prefers, among those that the runtime has: the first one of the
 * highest weight (RFC 9110, section 12.5.3), none where the client would rather have none.
 */
export function acceptedCoding(header: string | null): "gzip" | "br" | undefined {
  const offers = (header ?? "").split(",").map((offer) => {
    const [coding, ...parameters] = offer.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    return { coding, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  for (const { coding } of offers.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)) {
    if (coding === "gzip" || coding === "br") return coding;
    if (coding === "identity") return undefined;
  }
  return undefined;
}
