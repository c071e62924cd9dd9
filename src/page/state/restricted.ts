/** People who are muted or banned now, for moderators. */
import type { ChatState, RestrictedPerson, Restriction } from "../../client/index.ts";
import { now } from "../i18n/now.ts";

/** Returns them without restrictions that have ended: the room does not tell when one ends. Subscribes to the time. */
export function currentlyRestricted({
  restricted,
  clockOffset,
}: Pick<ChatState, "restricted" | "clockOffset">): readonly RestrictedPerson[] {
  const holds = (restriction: Restriction | undefined): boolean =>
    restriction !== undefined &&
    (restriction.until === undefined || restriction.until > now.value + clockOffset);
  return restricted
    .map(({ muted, banned, ...person }) => ({
      ...person,
      ...(muted !== undefined && holds(muted) && { muted }),
      ...(banned !== undefined && holds(banned) && { banned }),
    }))
    .filter((person) => "muted" in person || "banned" in person);
}
