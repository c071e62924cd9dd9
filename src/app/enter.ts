/** Enter: hands a checked handshake to the room, or to the relay of the room that takes it. */
import * as v from "valibot";
import { MISDIRECTED, networkOf, REGION_HEADER } from "../protocol/index.ts";
import { textError } from "./errors.ts";
import { choose, Placements, type Region, regionOf } from "./placement.ts";

const Answer = v.object({ relays: v.array(v.string()) });

/** A room is asked once in a while by each isolate of the Worker, however many connections come. */
const placements = new Placements();

/** EnterEnv may name the relay that takes the connections of all rooms: where a host runs one in each process. */
export type EnterEnv = Env & { readonly RELAY?: string };

/**
 * Returns the answer of the room, or of its relay. It is returned as it is: changing a header of a 101 makes it a 500.
 */
export async function enter(room: string, request: Request, env: EnterEnv): Promise<Response> {
  const relays: Env["RELAYS"] | undefined = env.RELAYS;
  if (relays !== undefined && env.RELAY !== undefined) {
    // It fails if the relay cannot reach the room.
    const response = await relays
      .getByName(`${room}/${env.RELAY}`)
      .fetch(request)
      .catch(() => null);
    if (response !== null && response.status !== MISDIRECTED) return response;
    throw textError(503, "the room is not available: try again in a second", { "Retry-After": "1" });
  }
  if (relays === undefined) return env.ROOMS.getByName(room).fetch(request);
  const region = regionOf(v.parse(Cloudflare, request.cf));
  const address = networkOf(request.headers.get("CF-Connecting-IP") ?? "") || crypto.randomUUID();
  const known = placements.get(room, region, Date.now());
  if (known !== null) {
    const relay = choose(known, address);
    const response = relay === null ? null : await relayOf(relays, room, relay, region).fetch(request);
    if (response !== null && response.status !== MISDIRECTED) return response;
    placements.delete(room, region);
  }
  const headers = new Headers(request.headers);
  headers.set(REGION_HEADER, region);
  const answer = await env.ROOMS.getByName(room).fetch(new Request(request, { headers }));
  if (answer.status !== MISDIRECTED) return answer;
  const { relays: names } = v.parse(Answer, await answer.json());
  placements.set(room, region, names, Date.now());
  const relay = choose(names, address);
  const response = relay === null ? null : await relayOf(relays, room, relay, region).fetch(request);
  if (response !== null && response.status !== MISDIRECTED) return response;
  throw textError(503, "the room is being rearranged: try again in a second", { "Retry-After": "1" });
}

const Cloudflare = v.fallback(v.object({ continent: v.unknown(), longitude: v.unknown() }), {
  continent: undefined,
  longitude: undefined,
});

function relayOf(relays: Env["RELAYS"], room: string, relay: string, region: Region) {
  const name = `${room}/${relay}`;
  // The hint counts when the object is first used.
  return region === "any" ? relays.getByName(name) : relays.getByName(name, { locationHint: region });
}
