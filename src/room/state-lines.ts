/** State lines: what each user is told of the room's settings, roles and restrictions. */
import { MAX_WAITING, type Member, type StateLine } from "../protocol/index.ts";
import type { Rules } from "./rules.ts";

export class StateLines {
  readonly #rules: Rules;
  /** The fields that all members share, as JSON without braces; `null` if it must be made anew. */
  #shared: string | null = null;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** The rules have changed. */
  changed(): void {
    this.#shared = null;
  }

  /** Returns the line for a user, serialised. `now` is Unix ms. */
  lineFor(user: string, now: number): string {
    return `{"type":"state",${this.#fieldsFor(user, now)}}`;
  }

  /** Returns the fields of a `welcome` for a user as JSON, each with a comma before it. */
  welcomeFields(user: string, waiting: () => readonly Member[], now: number): string {
    // Without an owner there is nothing to tell.
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

/** Returns the people behind waiting connections, each once, in the order in which they came. */
export function membersOf(connections: Iterable<{ readonly user: string; readonly name: string }>): Member[] {
  const members = new Map<string, Member>();
  for (const { user, name } of connections) {
    if (!members.has(user)) members.set(user, { user, name });
    if (members.size >= MAX_WAITING) break;
  }
  return [...members.values()];
}
