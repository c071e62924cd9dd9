/** Bars at the top of a room: it is closed, people wait to be let in, the pinned message. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Member } from "../../client/index.ts";
import { m } from "../i18n/moderation.ts";
import { attempt } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { isHidden } from "../state/hidden-people.ts";
import { watchPinned } from "../state/pinned.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";
import { LOCK } from "./later-icons.ts";
import { PIN } from "./moderation-icons.ts";
import { Person } from "./person.tsx";
import { excerpt } from "./quote.tsx";

export function RoomBars() {
  const { membership, state } = useOpenRoom();
  const { closed, pinned } = membership.settings.value;
  const { waiting } = state.value;
  return (
    <div class="room-bars">
      {closed && <ClosedBar />}
      {waiting.length > 0 && <WaitingBar waiting={waiting} />}
      {pinned !== undefined && <PinnedBar />}
    </div>
  );
}

function ClosedBar() {
  const { client, membership } = useOpenRoom();
  return (
    <div class="room-bar">
      <Icon name={LOCK} />
      <p>{m.value.closedNote}</p>
      {membership.isOwner.value && (
        <button
          type="button"
          class="plain-button"
          onClick={() => void attempt(client, client.setRoom({ closed: false }))}
        >
          {m.value.openAgain}
        </button>
      )}
    </div>
  );
}

/** The people who wait: one with buttons, several behind a button that shows them. */
function WaitingBar({ waiting }: { readonly waiting: readonly Member[] }) {
  const isOpen = useSignal(false);
  const [first] = waiting;
  const isOne = waiting.length === 1;
  const label = isOne && first !== undefined ? m.value.wantsIn(first.name) : m.value.waiting(waiting.length);
  return (
    <section class="room-bar waiting-bar" aria-label={m.value.waiting(waiting.length)}>
      <p class={isOne ? "visually-hidden" : "waiting-count"} role="status">
        {label}
      </p>
      {!isOne && (
        <button
          type="button"
          class="plain-button"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {isOpen.value ? m.value.hideWaiting : m.value.showWaiting}
        </button>
      )}
      {(isOne || isOpen.value) && (
        // biome-ignore lint/a11y/noRedundantRoles: Safari does not treat a list without bullets as a list
        <ul class="waiting" role="list">
          {waiting.map((person) => (
            <WaitingPerson key={person.user} person={person} />
          ))}
        </ul>
      )}
    </section>
  );
}

function WaitingPerson({ person }: { readonly person: Member }) {
  const { client, composer, state } = useOpenRoom();
  const { user, name } = person;
  const answer = (on: boolean): void => {
    // The buttons disappear with the last person.
    if (state.peek().waiting.length === 1) composer.focus();
    void attempt(client, client.admit(user, on));
  };
  return (
    <li>
      <Avatar user={user} name={name} />
      <Person user={user} name={name} />
      <span class="waiting-wish" aria-hidden="true">
        {m.value.wish}
      </span>
      <button
        type="button"
        class="plain-button"
        aria-label={m.value.refuseName(name)}
        onClick={() => answer(false)}
      >
        {m.value.refuse}
      </button>
      <button
        type="button"
        class="primary-button"
        aria-label={m.value.letInName(name)}
        onClick={() => answer(true)}
      >
        {m.value.letIn}
      </button>
    </li>
  );
}

function PinnedBar() {
  const room = useOpenRoom();
  const [pinned, stop] = useMemo(() => watchPinned(room), [room]);
  useEffect(() => stop, [stop]);
  const message = pinned.value;
  if (message === null || isHidden(message.user)) return null;
  return (
    <section class="room-bar pinned-bar" aria-label={m.value.pinned}>
      <Icon name={PIN} />
      <button
        type="button"
        class="pinned-text"
        title={m.value.jumpToPinned}
        onClick={() => {
          room.jumpTo.value = message.seq;
        }}
      >
        <span class="pinned-author">
          <Person user={message.user} name={message.name} />
        </span>
        <bdi>{excerpt(message)}</bdi>
      </button>
      {room.membership.isStaff.value && (
        <button
          type="button"
          class="icon-button small"
          aria-label={m.value.unpin}
          title={m.value.unpin}
          onClick={() => {
            room.composer.focus();
            room.pin(message.seq, false);
          }}
        >
          <Icon name="close" />
        </button>
      )}
    </section>
  );
}
