/** New rooms: limits how many rooms without messages one address opens. */

/** Error of an address that opens too many rooms without messages. */
export const TOO_MANY_ROOMS = {
  code: "rate_limited",
  message: "too many new rooms from this address: try again in a minute",
  retryAfter: 60_000,
} as const;

/** Limiter is a rate limit of the runtime. */
interface Limiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** Returns whether an address may open a new room. `""` is an unknown address. If the limiter fails, it may. */
export async function mayOpenRoom(limiter: Limiter | undefined, network: string): Promise<boolean> {
  if (limiter === undefined || network === "") return true;
  const { success } = await limiter.limit({ key: network }).catch(() => ({ success: true }));
  return success;
}

/** Returns the response to a handshake that would open too many rooms. */
export function tooManyRooms(): Response {
  const headers = { "Retry-After": `${TOO_MANY_ROOMS.retryAfter / 1000}` };
  return new Response(`${TOO_MANY_ROOMS.message}\n`, { status: 429, headers });
}
