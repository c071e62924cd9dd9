/** Carries out commands whose failure the timeline does not show, and tells why one failed. */
import { type Ack, type ChatClient, ChatError } from "../../client/index.ts";
import type { CommandError } from "../../protocol/errors.ts";
import { locale } from "../i18n/index.ts";
import { m } from "../i18n/moderation.ts";
import { momentText } from "../i18n/time.ts";
import { today } from "../i18n/today.ts";
import { showToast } from "./ui.ts";

/** Resolves to whether the room accepted the command. If so, the toast shows `done`, else the reason. */
export async function attempt(client: ChatClient, command: Promise<Ack>, done?: string): Promise<boolean> {
  try {
    await command;
    if (done !== undefined) showToast(done);
    return true;
  } catch (error) {
    tellError(client, error);
    return false;
  }
}

/** Shows why a command failed. It does not stay in the outbox. */
export function tellError(client: ChatClient, error: unknown): void {
  if (!(error instanceof ChatError) || error.code === "closed" || error.code === "discarded") return;
  if (error.id !== undefined) client.discard(error.id);
  showToast(errorText(error));
}

type Rejection = Pick<CommandError, "cause" | "until" | "reason"> & Pick<ChatError, "code">;

/** Returns why the room rejected a command, in the page's language. */
export function errorText({ code, cause, until, reason }: Rejection): string {
  if (cause === "muted" && until !== undefined)
    return withReason(m.value.mutedFor(momentText(until, today.value, locale.value)), reason);
  if (cause !== undefined) return withReason(m.value.causes[cause], reason);
  if (code === "unreachable") return m.value.unreachable;
  return code === "closed" || code === "discarded" ? "" : m.value.rejections[code];
}

/** Returns `text` with a moderator's reason, if there is one. */
export function withReason(text: string, reason: string | undefined): string {
  return reason === undefined || reason === "" ? text : `${text} ${m.value.reasonGiven(reason)}`;
}
