/** StateLines: what each user receives of the room's settings, roles and restrictions. */
import type { Member, StateLine } from "../protocol/index.ts";
import type { Rules } from "./rules.ts";

export class StateLines {
  readonly #rules: Rules;
  /** The fields that all users share, as JSON without braces; `null` if the rules have changed since. */
  #shared: string | null = null;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Discards what is serialised, because the rules have changed. */
  invalidate(): void {
    this.#shared = null;
  }

  /** Returns the line for a user, serialised. `now` is Unix ms. */
  lineFor(user: string, now: number): string {
    return `{"type":"state",${this.#fieldsFor(user, now)}}`;
  }

  /** Returns the fields of a `welcome` for a user as JSON, each with a comma before it. */
  welcomeFields(user: string, waiting: () => readonly Member[], now: number): string {
    // A room without an owner has no state.
    if (!this.#rules.isOwned) return "";
    const knocks = this.#rules.isStaff(user) ? `,"waiting":${JSON.stringify(waiting())}` : "";
    return `,${this.#fieldsFor(user, now)}${knocks}`;
  }

  #fieldsFor(user: string, now: number): string {
    const role = this.#rules.roleOf(user);
    const muted = this.#rules.muteOf(user, now);
    this.#shared ??= JSON.stringify({ state: this.#rules.state }).slice(1, -1);
    const own: Omit<StateLine, "type" | "state"> = {
      role,
      ...(muted && { muted }),
      ...(role !== "member" && { restricted: this.#rules.restricted(now) }),
    };
    return `${this.#shared},${JSON.stringify(own).slice(1, -1)}`;
  }
}
