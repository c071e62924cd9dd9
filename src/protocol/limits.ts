/** Limits and timing of the wire protocol. Each constant states its unit. */

/** Text of one message, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 8_192;
/** One WebSocket frame from a client, in bytes of UTF-8. */
export const MAX_FRAME_BYTES = 32_768;
/** Lines in one frame from a client. */
export const MAX_FRAME_LINES = 1_000;

/** Display name, in grapheme clusters. */
export const MAX_NAME_GRAPHEMES = 32;
/** Display name, in bytes of UTF-8: enough for 32 of the longest emoji. A grapheme cluster itself has no limit. */
export const MAX_NAME_BYTES = 1_200;

/** Title and topic of a room, and reason of a moderator, in bytes of UTF-8. */
export const MAX_TITLE_BYTES = 240;
export const MAX_TOPIC_BYTES = 1_000;
export const MAX_REASON_BYTES = 400;

/** Longest time between two messages of one member in slow mode. */
export const MAX_SLOW_MODE_MS = 3_600_000;
/** Longest mute or ban that ends by itself, in ms. */
export const MAX_RESTRICTION_MS = 366 * 24 * 3_600_000;
/** Longest ban of a network: it can hold for people who share it. */
export const MAX_NETWORK_BAN_MS = 24 * 3_600_000;
/** People who wait to be let in, in one room and from one network. */
export const MAX_WAITING = 200;
export const MAX_WAITING_PER_NETWORK = 20;

/** Query of a search, in bytes of UTF-8, and its words. */
export const MAX_QUERY_BYTES = 400;
export const MAX_QUERY_WORDS = 20;
/** Messages in a page of search results if the client does not state a number, and the maximum. */
export const DEFAULT_FOUND = 20;
export const MAX_FOUND = 50;

/** File of an import, in bytes: Cloudflare accepts as much in one request. And one line of it. */
export const MAX_IMPORT_BYTES = 100_000_000;
export const MAX_IMPORT_LINE_BYTES = 256 * 1024;

/** One file, in bytes, and the files of one message. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
export const MAX_FILES = 4;
/** Description of a file, in bytes of UTF-8. */
export const MAX_ALT_BYTES = 1_000;
/** Name of a file, in bytes of UTF-8. */
export const MAX_FILE_NAME_BYTES = 240;
/** Width times height of a picture. */
export const MAX_PIXELS = 50_000_000;
/** Time for which an upload waits for its message. */
export const UPLOAD_EXPIRY_MS = 3_600_000;

/** The limits that `welcome` states. A service that takes no files has no `FILE_LIMITS`. */
export const LIMITS = { text: MAX_TEXT_BYTES, name: MAX_NAME_GRAPHEMES, frame: MAX_FRAME_BYTES } as const;
export const FILE_LIMITS = { bytes: MAX_FILE_BYTES, count: MAX_FILES } as const;

/** Different emoji on one message. */
export const MAX_EMOJI_PER_MESSAGE = 20;
/** Reactions of all users on one message: they are sent with the message, so their number is bounded. */
export const MAX_REACTIONS_PER_MESSAGE = 1_000;

/** Messages in `welcome` if the client does not state a number, and the maximum it may ask for. */
export const DEFAULT_HISTORY = 50;
export const MAX_HISTORY = 100;
/** Events after which a resume is refused and the client starts anew. */
export const MAX_RESUME_EVENTS = 1_000;
/** Length of the lines of a resume, in UTF-16 units: it bounds the memory that unread resumes hold. */
export const MAX_RESUME_LENGTH = 512 * 1024;
/** Length of one page of history, in UTF-16 units. A longer page is cut, with `more: true`. */
export const MAX_PAGE_LENGTH = 64 * 1024;

/** Time in which the server answers a repeated id with the seq of the first command. */
export const IDEMPOTENCY_MS = 5 * 60_000;

/** Time for the first line, `hello`, of a `chat.v1` socket. */
export const HELLO_TIMEOUT_MS = 10_000;
/** Interval of a client's pings. */
export const PING_INTERVAL_MS = 25_000;
/** Silence after which a `chat.v1` connection is stale. */
export const STALE_AFTER_MS = 90_000;

/** Unread bytes above which a client reads too slowly. */
export const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Users online above which `members` is null and presence lines carry counts only. */
export const MAX_MEMBERS_LISTED = 200;
/** Shortest time between two presence lines that carry counts only. */
export const PRESENCE_COUNT_INTERVAL_MS = 2_000;
/** Time for which a user stays present after the last socket closed, so that a reload is not visible. */
export const LEAVE_GRACE_MS = 5_000;

/** Users online above which typing is not sent. */
export const MAX_ONLINE_FOR_TYPING = 50;
/** A client that continues to type repeats `typing` within this time. */
export const TYPING_REPEAT_MS = 4_000;
/** A user whose `typing` was not repeated for this time is no longer typing. */
export const TYPING_TIMEOUT_MS = 6_000;
