/** Session: what of a connection has to outlast a hibernation, kept beside its socket. */
import * as v from "valibot";

const Session = v.object({
  /** How the socket speaks: JSON lines, or the bare text of plain mode. */
  mode: v.picklist(["chat.v1", "plain"]),
  user: v.string(),
  name: v.string(),
  /** Whether it takes part: from the first on in plain mode, after `hello` in the other. */
  joined: v.boolean(),
  /** When it was opened, Unix ms. */
  since: v.number(),
  /** When it was last heard from, Unix ms; up to `HEARD_PRECISION_MS` behind the truth. */
  heardAt: v.number(),
});

export type Session = Readonly<v.InferOutput<typeof Session>>;
export type Mode = Session["mode"];

/** How often `heardAt` is written down: a room hibernates only after 10 s of silence. */
export const HEARD_PRECISION_MS = 10_000;

/** The session in a socket's attachment, or `null` where there is none that this code knows. */
export function parseSession(attachment: unknown): Session | null {
  const parsed = v.safeParse(Session, attachment);
  return parsed.success ? parsed.output : null;
}
