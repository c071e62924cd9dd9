/** Creates rooms with an owner. */
import * as v from "valibot";
import type { Entry } from "../../client/index.ts";
import { newOwnerSecret, newPassword } from "../../client/secrets.ts";
import { DEFAULT_ROOM } from "../../protocol/room-name.ts";
import { offerSecret } from "../storage/room-secrets.ts";
import { createRoom } from "./navigation.ts";
import { closeDialog } from "./ui.ts";

const Summary = v.object({
  seq: v.number(),
  entry: v.string(),
  locked: v.boolean(),
  closed: v.boolean(),
  title: v.optional(v.string()),
});

/** NewRoom is what the user has chosen for a new room. */
export interface NewRoom {
  /** Canonical name. */
  readonly name: string;
  readonly title: string;
  readonly entry: Entry;
  readonly password: string;
}

/** Creates a room and opens it, unless its name is taken. Rejects if the service cannot be reached. */
export async function startRoom({ name, title, entry, password }: NewRoom): Promise<"created" | "taken"> {
  if (await isTaken(name)) return "taken";
  const claim = {
    entry,
    ...(title !== "" && { title }),
    ...(entry === "password" && { newPassword: await newPassword(password) }),
  };
  offerSecret(name, newOwnerSecret());
  closeDialog();
  await createRoom(name, claim);
  return "created";
}

/** Returns whether a room has messages or an owner. One that lets nobody in looks empty, but says who may enter. */
async function isTaken(name: string): Promise<boolean> {
  if (name === DEFAULT_ROOM) return true;
  const response = await fetch(`/api/rooms/${encodeURIComponent(name)}`);
  const { seq, entry, locked, closed, title } = v.parse(Summary, await response.json());
  return seq > 0 || entry !== "open" || locked || closed || title !== undefined;
}
