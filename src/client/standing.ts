/** Standing: the room's settings, the user's role and restrictions, and why the user is not in the room. */
import type { Cause } from "../protocol/errors.ts";
import { type RoomState, UNOWNED } from "../protocol/room-state.ts";
import type {
  ErrorLine,
  KnocksLine,
  Member,
  OutsideLine,
  StateLine,
  WelcomeLine,
} from "../protocol/server-lines.ts";
import type { Outside, Standing } from "./state.ts";

/** Standing before the first `welcome`: that of a room without an owner. */
export const NO_STANDING: Standing = {
  roomState: UNOWNED,
  role: "member",
  muted: null,
  restricted: [],
  waiting: [],
};

/** Returns the standing of a `welcome`. */
export function welcomed(welcome: WelcomeLine): Standing {
  return { ...standingOf(welcome), waiting: welcome.waiting ?? [] };
}

/** Returns the standing after a `state` or a `knocks`. */
export function changed(standing: Standing, line: StateLine | KnocksLine): Standing {
  if (line.type === "knocks") return { ...standing, waiting: line.waiting };
  // Only moderators receive the list of waiting users.
  return { ...standingOf(line), waiting: (line.role ?? "member") === "member" ? [] : standing.waiting };
}

function standingOf({ state, role, muted, restricted }: WelcomeLine | StateLine): Omit<Standing, "waiting"> {
  return {
    roomState: state ?? UNOWNED,
    role: role ?? "member",
    muted: muted ?? null,
    restricted: restricted ?? [],
  };
}

/** Returns what the client knows after an `outside`. */
export function outsideOf({ you, teaser, waits }: OutsideLine): Outside {
  return { you, teaser, waits, error: null };
}

/** Causes for which the room does not let a user in, or disconnects one. */
const ENTRY_CAUSES: ReadonlySet<Cause | undefined> = new Set([
  "banned",
  "removed",
  "closed",
  "locked",
  "password",
  "not_admitted",
]);

/** Returns what the client knows of its exclusion after an error that belongs to no command. */
export function outsideAfterError(
  outside: Outside | null,
  { you, roomState }: { readonly you: Member | undefined; readonly roomState: RoomState },
  line: ErrorLine,
): Outside | null {
  const { type: _1, id: _2, ...error } = line;
  // An error after an `outside` without `waits` is the reason, also with a cause that this client does not know.
  const isReason = ENTRY_CAUSES.has(error.cause) || outside?.waits === false;
  if (!isReason) return outside;
  if (outside !== null) return { ...outside, waits: false, error };
  if (you === undefined) return null;
  const { title, entry, locked, closed } = roomState;
  const teaser = { ...(title !== undefined && { title }), entry, locked, closed };
  return { you, teaser, waits: false, error };
}
