/** Limits and timing of the wire protocol; each constant carries its unit. */

/** Text of one message, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 8_192;
/** One WebSocket frame from a client, in bytes of UTF-8. */
export const MAX_FRAME_BYTES = 32_768;
/** Lines in one frame from a client: as many as the shortest command fits into a frame, and some. */
export const MAX_FRAME_LINES = 1_000;

/** Display name, in grapheme clusters. */
export const MAX_NAME_GRAPHEMES = 32;
/** Display name, in bytes of UTF-8: 32 of the longest emoji. One grapheme cluster has no bound of its own. */
export const MAX_NAME_BYTES = 1_200;

/** Different emoji on one message. */
export const MAX_EMOJI_PER_MESSAGE = 20;
/** Reactions of all people on one message: they travel with it, so they need an end. */
export const MAX_REACTIONS_PER_MESSAGE = 1_000;

/** Messages in `welcome` when the client names no number, and the most it may ask for. */
export const DEFAULT_HISTORY = 50;
export const MAX_HISTORY = 100;
/** Events that may follow the point of a resume; beyond it the client starts anew. */
export const MAX_RESUME_EVENTS = 1_000;
/** Their lines together, in UTF-16 units: sockets that read nothing must not hold the room's memory. */
export const MAX_RESUME_LENGTH = 2 * 1024 * 1024;

/** How long the server answers a repeated id with the seq of the first. */
export const IDEMPOTENCY_MS = 5 * 60_000;

/** Time for the first line, `hello`, of a `chat.v1` socket. */
export const HELLO_TIMEOUT_MS = 10_000;
/** How often a client pings. */
export const PING_INTERVAL_MS = 25_000;
/** Silence after which a `chat.v1` socket counts as dead. */
export const STALE_AFTER_MS = 90_000;

/** Unsent bytes at which a reader is too slow. */
export const MAX_BUFFERED_BYTES = 1024 * 1024;

/** People online above which `members` is null and presence carries counts alone. */
export const MAX_MEMBERS_LISTED = 200;
/** Least time between two presence frames where counts alone are sent. */
export const PRESENCE_COUNT_INTERVAL_MS = 2_000;
/** How long someone whose last socket closed stays in presence, so that a reload goes unseen. */
export const LEAVE_GRACE_MS = 5_000;

/** People online above which nobody is told who is typing. */
export const MAX_ONLINE_FOR_TYPING = 50;
/** Someone who goes on typing says so again within this time. */
export const TYPING_REPEAT_MS = 4_000;
/** Someone who has not said so for this time is no longer typing. */
export const TYPING_TIMEOUT_MS = 6_000;
