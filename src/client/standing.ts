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

/** Standing before the room has told anything: nobody owns it. */
export const NO_STANDING: Standing = {
  roomState: UNOWNED,
  role: "member",
  muted: null,
  restricted: [],
  waiting: [],
};

/** Returns the standing that a `welcome` tells. */
export function welcomed(welcome: WelcomeLine): Standing {
  return { ...told(welcome), waiting: welcome.waiting ?? [] };
}

/** Returns the standing after a `state` or a `knocks`. */
export function changed(standing: Standing, line: StateLine | KnocksLine): Standing {
  if (line.type === "knocks") return { ...standing, waiting: line.waiting };
  // Who is no longer a moderator does not see who waits.
  return { ...told(line), waiting: (line.role ?? "member") === "member" ? [] : standing.waiting };
}

function told({ state, role, muted, restricted }: WelcomeLine | StateLine): Omit<Standing, "waiting"> {
  return {
    roomState: state ?? UNOWNED,
    role: role ?? "member",
    muted: muted ?? null,
    restricted: restricted ?? [],
  };
}

/** Returns what is known outside after an `outside`. */
export function outsideOf({ you, teaser, waits }: OutsideLine): Outside {
  return { you, teaser, waits, error: null };
}

/** Causes for which the room lets nobody in, or disconnects a user. */
const SHUTS_OUT: ReadonlySet<Cause | undefined> = new Set([
  "banned",
  "removed",
  "closed",
  "locked",
  "password",
  "not_admitted",
]);

/** Returns what is known outside after an error that belongs to no command. */
export function refused(
  outside: Outside | null,
  { you, roomState }: { readonly you: Member | undefined; readonly roomState: RoomState },
  line: ErrorLine,
): Outside | null {
  const { type: _1, id: _2, ...error } = line;
  // The error after an `outside` without `waits` is why, also if it has no cause that this client knows.
  const isWhy = SHUTS_OUT.has(error.cause) || outside?.waits === false;
  if (!isWhy) return outside;
  if (outside !== null) return { ...outside, waits: false, error };
  if (you === undefined) return null;
  const { title, entry, locked, closed } = roomState;
  const teaser = { ...(title !== undefined && { title }), entry, locked, closed };
  return { you, teaser, waits: false, error };
}
