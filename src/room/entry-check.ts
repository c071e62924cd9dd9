/** EntryCheck: whether a user may enter the room, or read it over HTTP. It limits wrong passwords. */
import {
  CloseCode,
  type CommandError,
  type Restriction,
  type Role,
  type RoomState,
} from "../protocol/index.ts";
import { forbidden } from "./permissions.ts";
import { Limiters, RateLimiter } from "./rate-limit.ts";
import type { Rules } from "./rules.ts";

/** Wrong passwords a minute, for each user and each network. */
const WRONG_PASSWORDS = 5;
const MINUTE_S = 60;

/** EntryRequest is the request of a user to enter. */
export interface EntryRequest {
  readonly user: string;
  /** As in `networkId`; `null` if it is not known. */
  readonly network: string | null;
  /** The user is in the room now. */
  readonly isPresent: boolean;
  /** Proof of the room's password. */
  readonly password?: string | undefined;
}

/** Visitor is a user before entering a room, or before reading it over HTTP. */
interface Visitor {
  readonly role: Role;
  readonly ban: Restriction | null;
  /** The user was let in, or was in the room when it was locked, or when knocking began. */
  readonly isInside: boolean;
  /** The user is in the room now. */
  readonly isPresent: boolean;
  readonly hasPassword: boolean;
}

/** EntryError is why a user may not enter, with the close code of a socket. */
export interface EntryError {
  readonly error: CommandError;
  readonly code: CloseCode;
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
  check({ user, network, isPresent, password }: EntryRequest, now: number): EntryError | "waits" | null {
    const rules = this.#rules;
    const visitor = {
      role: rules.roleOf(user),
      ban: rules.banOf(user, network, now),
      isInside: rules.isInside(user),
      isPresent,
    };
    const withPassword = entryError({ ...visitor, hasPassword: true }, rules.settings);
    if (withPassword !== null && withPassword !== "waits") return withPassword;
    const without = entryError({ ...visitor, hasPassword: false }, rules.settings);
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

/** Returns why the visitor may not enter, `"waits"` if a moderator decides, or `null` if the visitor may. */
function entryError(
  visitor: Visitor,
  settings: Pick<RoomState, "entry" | "locked" | "closed">,
): EntryError | "waits" | null {
  const { role, ban, isInside, isPresent } = visitor;
  if (role === "owner") return null;
  if (ban !== null) {
    const error = { ...forbidden("banned", "you are banned from this room"), ...ban };
    return { error, code: CloseCode.Banned };
  }
  if (settings.closed) {
    return { error: forbidden("closed", "the room is closed"), code: CloseCode.Closed };
  }
  if (isPresent || role === "moderator") return null;
  if (settings.locked && !isInside) {
    return { error: forbidden("locked", "the room is locked: nobody new may enter"), code: CloseCode.Locked };
  }
  if (settings.entry === "password" && !visitor.hasPassword) {
    return { error: forbidden("password", "the room needs its password"), code: CloseCode.WrongPassword };
  }
  return settings.entry === "knock" && !isInside ? "waits" : null;
}
