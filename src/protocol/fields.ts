/** Fields that several commands and lines share, with the error message of each check. */
import * as v from "valibot";
import { exceedsBytes, hasControls } from "./frame.ts";
import { MAX_TEXT_BYTES } from "./limits.ts";

/** Id of a command, chosen by the client: 1 to 64 characters. */
export const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;
/** Secret of a client: 22 characters hold 128 bits. */
export const KEY_PATTERN = /^[A-Za-z0-9_-]{22,128}$/;

/** Message of the one check whose failure is `too_long` and not `bad_request`. */
export const TEXT_TOO_LONG = `the text is over ${MAX_TEXT_BYTES} bytes`;

export const Id = v.pipe(
  v.string("id must be a string"),
  v.regex(ID_PATTERN, "id must be 1 to 64 characters of A-Z a-z 0-9 _ -"),
);

export const Seq = v.pipe(
  v.number("a seq must be a number"),
  v.safeInteger("a seq must be a whole number"),
  v.minValue(1, "a seq is 1 or more"),
);

/** Fields of every event. */
export const EVENT_BASE = {
  seq: v.number(),
  /** Unix ms, by the server's clock. */
  at: v.number(),
  user: v.string(),
  name: v.string(),
  /** Id of the command. Only the author receives it, and only in `welcome`. */
  id: v.exactOptional(v.string()),
};

/** Returns the schema of a whole number in the field `name`. */
export const count = (name: string, least: number, most: number) =>
  v.pipe(
    v.number(`${name} must be a number`),
    v.integer(`${name} must be a whole number`),
    v.minValue(least, `${name} is ${least} or more`),
    v.maxValue(most, `${name} is ${most} at most`),
  );

/** Returns the schema of a text without line breaks in the field `name`; it may be empty. */
export const singleLine = (name: string, maxBytes: number) =>
  v.pipe(
    v.string(`${name} must be a string`),
    v.check((text) => !exceedsBytes(text, maxBytes), `${name} is over ${maxBytes} bytes`),
    v.check((text) => text.isWellFormed(), `${name} must be well-formed Unicode`),
    v.check((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), `${name} must be one line`),
    v.check(
      (text) => !/[\u202A-\u202E\u2066-\u2069]/.test(text),
      `${name} must not change the direction of text`,
    ),
  );

export const Key = v.pipe(
  v.string("key must be a string"),
  v.regex(KEY_PATTERN, "key must be 22 to 128 characters of A-Z a-z 0-9 _ -"),
);

export const Name = v.string("name must be a string");

export const TEXT_BLANK = "text must not be blank";

/**
 * Text of a message. It may be empty if the message has files, which its own field does not tell. The log stores
 * UTF-8, which cannot represent a lone surrogate.
 */
export const Text = v.pipe(
  v.string("text must be a string"),
  v.check((text) => !exceedsBytes(text, MAX_TEXT_BYTES), TEXT_TOO_LONG),
  v.check((text) => text.isWellFormed(), "text must be well-formed Unicode"),
  v.check((text) => !hasControls(text), "text must not contain control characters"),
  v.check((text) => text === "" || text.trim() !== "", TEXT_BLANK),
);

export const Emoji = v.pipe(v.string("emoji must be a string"), v.check(isEmoji, "emoji must be one emoji"));

export const On = v.boolean("on must be true or false");

let emojiPattern: RegExp | undefined;

/** Whether `text` is exactly one emoji of the RGI set. */
export function isEmoji(text: string): boolean {
  // Compiling this pattern takes 20 ms or more on a slow device, so it is not a literal.
  // biome-ignore lint/complexity/useRegexLiterals: a literal is compiled when the module loads
  emojiPattern ??= new RegExp("^\\p{RGI_Emoji}$", "v");
  return emojiPattern.test(text);
}
