/** Probe: finds out over HTTP why a WebSocket handshake fails; the platform's WebSocket gives no reason. */
import type { FetchLike } from "./platform.ts";

/** ProbeResult is the likely reason of a failed handshake. */
export interface ProbeResult {
  /** A sentence. */
  readonly message: string;
  /** The server answered that there is no chat socket at this URL. */
  readonly isWrongUrl: boolean;
}

/** Status with which the server answers a plain request to the URL of a socket. */
const UPGRADE_REQUIRED = 426;

/** Returns why the handshake at `url`, a `ws` or `wss` URL, fails. */
export async function probe(url: string, fetch: FetchLike): Promise<ProbeResult> {
  const httpUrl = url.replace(/^ws/, "http");
  try {
    const response = await fetch(httpUrl);
    const text = (response.headers.get("Content-Type") ?? "").startsWith("text/plain")
      ? `, "${(await response.text()).trim().slice(0, 200)}"`
      : "";
    return judge(httpUrl, response.status, text);
  } catch {
    return isReachable(httpUrl, fetch);
  }
}

function judge(url: string, status: number, text: string): ProbeResult {
  if (status === UPGRADE_REQUIRED) {
    return {
      message: `${url} is a chat socket, but rejects the handshake: ALLOWED_ORIGINS of the server may not name this page's origin, too many sockets may come from this address, or a proxy may not support WebSockets`,
      isWrongUrl: false,
    };
  }
  const isWrongUrl = status >= 400 && status < 500 && status !== 408 && status !== 429;
  const what = isWrongUrl || status < 400 ? "is not a chat socket" : "is not available";
  return { message: `${url} ${what}: the server answers ${status}${text}`, isWrongUrl };
}

/** Tells an unreachable server from one of another origin, whose answer a page may not read. */
async function isReachable(url: string, fetch: FetchLike): Promise<ProbeResult> {
  try {
    await fetch(url, { mode: "no-cors" });
    return {
      message: `the server of ${url} can be reached, but rejects the handshake: the path may be wrong, or ALLOWED_ORIGINS of the server may not name this page's origin`,
      isWrongUrl: false,
    };
  } catch {
    return { message: `the server of ${url} cannot be reached`, isWrongUrl: false };
  }
}
