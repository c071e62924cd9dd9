/** Slow mode, beside the names of people who are typing: the interval, or the time until the next message. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { durationText } from "../i18n/duration.ts";
import { m } from "../i18n/moderation.ts";
import { secondsUntil } from "../i18n/now.ts";
import { useOpenRoom } from "../state/context.ts";

export function SlowMode() {
  const { composer, membership } = useOpenRoom();
  const block = membership.block.value;
  const wait = block?.type === "slow" ? durationText(secondsUntil(block.until) * 1_000) : null;
  const hasTried = wait !== null && composer.blockedSends.value > 0;
  return (
    <p class="slow-mode" data-wait={hasTried}>
      {wait === null
        ? m.value.slowHint(durationText(membership.settings.value.slowMode))
        : m.value.slowWait(wait)}
      <Explanation />
    </p>
  );
}

/** Tells screen readers how long to wait, once for each attempt to send: the countdown itself is not announced. */
function Explanation() {
  const { composer, membership } = useOpenRoom();
  const text = useSignal("");
  useEffect(
    () =>
      composer.blockedSends.subscribe((count) => {
        const block = membership.block.peek();
        const wait = block?.type === "slow" ? block.until - Date.now() : 0;
        text.value = count > 0 && wait > 0 ? m.peek().slowExplained(durationText(wait)) : "";
      }),
    [composer, membership, text],
  );
  return (
    <span class="visually-hidden" role="status">
      {text.value}
    </span>
  );
}
