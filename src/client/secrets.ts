/** Secrets of rooms with owners: the owner's secret, and the proof of a password. */
import type { NewPassword, PasswordParameters } from "../protocol/notices.ts";

declare const crypto: {
  getRandomValues(bytes: Uint8Array<ArrayBuffer>): unknown;
  readonly subtle: {
    importKey(
      format: "raw",
      key: Uint8Array,
      algorithm: "PBKDF2",
      extractable: false,
      uses: string[],
    ): Promise<object>;
    deriveBits(algorithm: object, key: object, bits: number): Promise<ArrayBuffer>;
  };
};
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare function btoa(binary: string): string;
declare function atob(text: string): string;

/** As OWASP advises for PBKDF2-HMAC-SHA-256 since 2023. */
const ITERATIONS = 600_000;
const SALT_BYTES = 16;
const SECRET_BYTES = 32;

/** Returns a new secret of an owner: 256 random bits. Its holder owns the room. */
export function newOwnerSecret(): string {
  return base64url(randomBytes(SECRET_BYTES));
}

/** Returns a password in the form in which `setRoom` and the option `claim` set it. */
export async function newPassword(password: string): Promise<NewPassword> {
  const parameters = { salt: base64url(randomBytes(SALT_BYTES)), iterations: ITERATIONS };
  return { ...parameters, proof: await passwordProof(password, parameters) };
}

/**
 * Returns the proof of a password for the option `password` and `usePassword`. It takes about 0.3 s.
 *
 * @param parameters - `state.outside.teaser.password`
 */
export async function passwordProof(
  password: string,
  { salt, iterations }: PasswordParameters,
): Promise<string> {
  const text = new TextEncoder().encode(password.normalize("NFKC"));
  const key = await crypto.subtle.importKey("raw", text, "PBKDF2", false, ["deriveBits"]);
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations };
  return base64url(new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 8 * SECRET_BYTES)));
}

function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  crypto.getRandomValues(bytes);
  return bytes;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
