/** Session: the state of a connection that survives hibernation, stored in the socket's attachment. */
import * as v from "valibot";
import type { RoomSecrets } from "./identity.ts";

const Session = v.object({
  /** JSON lines, or the bare text of plain mode. */
  mode: v.picklist(["chat.v1", "plain"]),
  user: v.string(),
  name: v.string(),
  /** Whether the connection is in the room: at once in plain mode, after `hello` in `chat.v1`. */
  joined: v.boolean(),
  /** Whether its user waits to be let in. */
  waiting: v.exactOptional(v.boolean()),
  /** Time when it opened, Unix ms. */
  since: v.number(),
  /** Time of its last frame, Unix ms, with a precision of `HEARD_PRECISION_MS`. */
  heardAt: v.number(),
  /** Network of the client as in `networkId`: it limits the connections of one address. */
  network: v.exactOptional(v.string()),
  /** The room's secrets if the log did not have them when this was saved: user ids must survive a hibernation. */
  secrets: v.exactOptional(v.object({ epoch: v.string(), secret: v.instance(Uint8Array) })),
});

export type Session = Readonly<v.InferOutput<typeof Session>>;
export type Mode = Session["mode"];

/** Interval at which `heardAt` is saved. A room hibernates only after 10 s without frames. */
export const HEARD_PRECISION_MS = 10_000;

/** Returns the part of a session that keeps the room's secrets while the log does not. */
export function sessionSecrets(unsaved: RoomSecrets | null): Pick<Session, "secrets"> {
  return unsaved === null ? {} : { secrets: unsaved };
}

/** Returns the session in a socket's attachment, or `null` if this code does not understand it. */
export function parseSession(attachment: unknown): Session | null {
  const parsed = v.safeParse(Session, attachment);
  return parsed.success ? parsed.output : null;
}
