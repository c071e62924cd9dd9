/** Identity: user ids, derived from a key that only the user has. */
import { createHmac, randomBytes } from "node:crypto";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
/** Characters of a user id: 50 bits. */
const ID_LENGTH = 10;

/** RoomSecrets are random values that a room makes once. */
export interface RoomSecrets {
  /** Names the log: another epoch means that the old log is gone. */
  readonly epoch: string;
  /** 32 random bytes. They make user ids unlinkable between rooms. */
  readonly secret: Uint8Array<ArrayBuffer>;
}

export function newRoomSecrets(): RoomSecrets {
  return { epoch: randomBytes(12).toString("base64url"), secret: new Uint8Array(randomBytes(32)) };
}

/** Returns the user id of the holder of `key` in the room with `secret`. */
export function userId(secret: Uint8Array, key: string): string {
  return base32(createHmac("sha256", secret).update(key).digest());
}

/** Returns a random user id, for a user without a key. */
export function anonymousUserId(): string {
  return base32(randomBytes(ID_LENGTH));
}

/** Returns an id of a network, as in `networkOf`, that does not reveal its address. */
export function networkId(secret: Uint8Array, network: string): string {
  return base32(createHmac("sha256", secret).update(`network ${network}`).digest());
}

/** Returns the first 10 characters of RFC 4648 base32, in lower case. */
function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let buffer = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && text.length < ID_LENGTH) {
      bits -= 5;
      text += BASE32.charAt((buffer >> bits) & 31);
    }
  }
  return text;
}
