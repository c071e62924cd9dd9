/** Identity: who someone is in one room, derived from a key that only they have. */
import { createHmac, randomBytes } from "node:crypto";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const USER_LENGTH = 10;

/** Secrets that a room makes for itself, once. */
export interface RoomSecrets {
  /** Names the log: another epoch means that the old log is gone. */
  readonly epoch: string;
  /** 32 random bytes that make user ids unlinkable between rooms. */
  readonly secret: Uint8Array;
}

export function newRoomSecrets(): RoomSecrets {
  return { epoch: randomBytes(12).toString("base64url"), secret: new Uint8Array(randomBytes(32)) };
}

/** User id of the holder of `key` in the room of `secret`: 10 characters of lower-case base32. */
export function userId(secret: Uint8Array, key: string): string {
  return base32(createHmac("sha256", secret).update(key).digest());
}

/** User id that nobody can have again. */
export function anonymousUserId(): string {
  return base32(randomBytes(USER_LENGTH));
}

/** First 10 characters of RFC 4648 base32, in lower case. */
function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let buffer = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && text.length < USER_LENGTH) {
      bits -= 5;
      text += BASE32.charAt((buffer >> bits) & 31);
    }
  }
  return text;
}
