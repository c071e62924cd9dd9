/** The screen in place of the messages for a user who is not in the room: why, and what to do. */

import { useEffect, useRef } from "preact/hooks";
import type { Outside as OutsideState } from "../../client/index.ts";
import { canHover } from "../effects/media.ts";
import { entryTexts } from "../i18n/entry.ts";
import { locale, t } from "../i18n/index.ts";
import { exactTime } from "../i18n/time.ts";
import { useOpenRoom } from "../state/context.ts";
import { dialog, showToast } from "../state/ui.ts";
import { ConnectionStrip } from "./connection-strip.tsx";
import { Icon } from "./icon.tsx";
import { BELL, LOCK } from "./later-icons.ts";
import { PasswordForm } from "./password-form.tsx";
import { WaitingName } from "./waiting-name.tsx";

/** Why the user is not in the room. */
type Kind = "waiting" | "password" | "banned" | "removed" | "not_admitted" | "locked" | "closed" | "too_many";

export function Outside() {
  const room = useOpenRoom();
  const { connection, outside } = room.state.value;
  const kind = kindOf(outside);
  const screen = useRef<HTMLElement>(null);
  useEffect(() => {
    // What had the focus may be gone. Not on a phone, whose keyboard would open.
    if (canHover.peek() && document.activeElement === document.body)
      screen.current?.querySelector<HTMLElement>("input, .primary-button")?.focus();
    return () => {
      if (kind === "waiting" && room.client.state.outside === null) showToast(entryTexts.peek().letIn);
    };
  }, [kind, room]);
  return (
    <>
      {connection === "waiting" && <ConnectionStrip />}
      <section class="outside" ref={screen}>
        <div class="outside-content">
          <Icon name={kind === "waiting" ? BELL : LOCK} />
          <Reason kind={kind} outside={outside} />
          {kind === "waiting" && <WaitingName />}
          {kind === "password" && <PasswordForm />}
          <div class="button-row">
            {kind !== "waiting" && kind !== "password" && <Again kind={kind} />}
            <button
              type="button"
              class="secondary-button"
              onClick={() => (dialog.value = { type: "switch-room" })}
            >
              {entryTexts.value.otherRooms}
            </button>
            <button
              type="button"
              class="secondary-button"
              onClick={() => (dialog.value = { type: "new-room" })}
            >
              {t.value.newRoom}
            </button>
          </div>
        </div>
      </section>
    </>
  );
}

interface ReasonProps {
  readonly kind: Kind;
  readonly outside: OutsideState | null;
}

/** Screen readers announce it when it changes. */
function Reason({ kind, outside }: ReasonProps) {
  const { until, reason } = outside?.error ?? {};
  const [title, ...hints] = textsOf(kind, until);
  return (
    <div class="outside-reason" role="status">
      <h2>{title}</h2>
      {hints.map((hint) => (
        <p key={hint}>{hint}</p>
      ))}
      {reason !== undefined && (
        <p>
          {entryTexts.value.reason} <bdi>{reason}</bdi>
        </p>
      )}
    </div>
  );
}

/** Enters the room again. */
function Again({ kind }: { readonly kind: Kind }) {
  const { client, state } = useOpenRoom();
  const { enterAgain, askAgain, tryAgain } = entryTexts.value;
  const isBusy = state.value.connection !== "closed";
  const label = kind === "removed" ? enterAgain : kind === "not_admitted" ? askAgain : tryAgain;
  return (
    <button
      type="button"
      class="primary-button"
      aria-disabled={isBusy}
      onClick={() => {
        if (!isBusy) client.connect().catch(() => undefined);
      }}
    >
      {label}
    </button>
  );
}

function kindOf(outside: OutsideState | null): Kind {
  if (outside === null) return "too_many";
  if (outside.waits) return "waiting";
  const cause = outside.error?.cause;
  switch (cause) {
    case "password":
    case "banned":
    case "removed":
    case "not_admitted":
    case "closed":
      return cause;
    default:
      return "locked";
  }
}

/** Returns the title, and hints below it. */
function textsOf(kind: Kind, until: number | undefined): string[] {
  const texts = entryTexts.value;
  switch (kind) {
    case "waiting":
      return [texts.waiting, texts.waitingHint];
    case "password":
      return [texts.passwordNeeded];
    case "banned":
      return [
        texts.banned,
        until === undefined ? texts.bannedForGood : texts.bannedUntil(exactTime(until, locale.value)),
      ];
    case "removed":
      return [texts.removed];
    case "not_admitted":
      return [texts.notAdmitted];
    case "locked":
      return [texts.locked, texts.lockedHint];
    case "closed":
      return [texts.closed, texts.closedHint];
    case "too_many":
      return [texts.tooManyWaiting, texts.tooManyWaitingHint];
  }
}
