/** Placement: how the Worker, a room and its relays agree on which object takes a handshake. Clients never see it. */

/** Header with the region of a client: the Worker can pass the handshake to a relay there. */
export const REGION_HEADER = "X-Region";

/** Status of a room's answer that names the relays which take the connection, and of a relay that takes no more. */
export const MISDIRECTED = 421;
