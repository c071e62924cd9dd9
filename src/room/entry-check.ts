/** Entry check: whether somebody may enter the room, asked the same way for sockets and for HTTP. */
import { CloseCode, type CommandError } from "../protocol/index.ts";
import { type Refusal, refusal } from "./permissions.ts";
import { Limiters, RateLimiter } from "./rate-limit.ts";
import type { Rules } from "./rules.ts";

/** Wrong passwords a minute, for each user and each network. */
const WRONG_PASSWORDS = 5;
const MINUTE_S = 60;

/** Request is who wants to enter. */
export interface EntryRequest {
  readonly user: string;
  /** As in `networkId`; `null` if it is not known. */
  readonly network: string | null;
  /** The user is in the room now. */
  readonly isPresent: boolean;
  /** Proof of the room's password. */
  readonly password?: string | undefined;
}

export class EntryCheck {
  readonly #rules: Rules;
  readonly #wrongPasswords = new Limiters(() => new RateLimiter(WRONG_PASSWORDS / MINUTE_S, WRONG_PASSWORDS));

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /**
   * Returns why the user may not enter, `"waits"` if a moderator decides, or `null` if the user may.
   *
   * @param now - Unix ms
   */
  check({ user, network, isPresent, password }: EntryRequest, now: number): Refusal | "waits" | null {
    const rules = this.#rules;
    const visitor = {
      role: rules.roleOf(user),
      ban: rules.banOf(user, network, now),
      isInside: rules.isInside(user),
      isPresent,
    };
    const withPassword = refusal({ ...visitor, hasPassword: true }, rules.settings);
    if (withPassword !== null && withPassword !== "waits") return withPassword;
    const without = refusal({ ...visitor, hasPassword: false }, rules.settings);
    // The password is looked at only if it decides, so that others cannot test passwords.
    if (without === null || without === "waits" || password === undefined) return without;
    const limiters = [`user ${user}`, `network ${network ?? ""}`].map((name) =>
      this.#wrongPasswords.of(name),
    );
    const waitMs = Math.max(...limiters.map((limiter) => limiter.waitMs(now)));
    if (waitMs > 0) return { error: tooManyPasswords(waitMs), code: CloseCode.WrongPassword };
    if (rules.isPassword(password)) return withPassword;
    for (const limiter of limiters) limiter.charge(1, now);
    return { ...without, error: { ...without.error, message: "the password is wrong" } };
  }
}

function tooManyPasswords(waitMs: number): CommandError {
  const message = `too many wrong passwords, try again in ${Math.ceil(waitMs / 1000)} s`;
  return { code: "rate_limited", message, retryAfter: waitMs, cause: "password" };
}
