/** A notice: one quiet line between the messages that says what happened to the room or its people. */
import type { Notice } from "../../client/index.ts";
import { locale, t } from "../i18n/index.ts";
import { clockTime } from "../i18n/time.ts";

export function NoticeLine({ notice }: { readonly notice: Notice }) {
  return (
    <p class="notice-line" data-seq={notice.seq}>
      <bdi>{notice.name}</bdi> {noticeText(notice)} <time>{clockTime(notice.at, locale.value)}</time>
    </p>
  );
}

/** Returns what happened, to be read after the name of the person who acted. */
function noticeText(notice: Notice): string {
  const texts = t.value.notice;
  const member = "member" in notice ? (notice.memberName ?? notice.member) : "";
  switch (notice.type) {
    case "role":
      return texts.role(member, notice.role);
    case "mute":
    case "ban": {
      if (notice.duration === 0) return notice.type === "mute" ? texts.unmute(member) : texts.unban(member);
      return texts[notice.type](member, timeText(notice.duration)) + reasonText(notice.reason);
    }
    case "remove":
      return texts.remove(member) + reasonText(notice.reason);
    case "admit":
      return notice.on ? texts.admit(member) : texts.refuse(member);
    case "pin":
      return notice.on ? texts.pin : texts.unpin;
    default:
      return texts[notice.type];
  }
}

function timeText(duration: number | undefined): string {
  if (duration === undefined) return "";
  const minutes = Math.round(duration / 60_000);
  return minutes < 60 ? t.value.notice.minutes(minutes) : t.value.notice.hours(Math.round(minutes / 60));
}

function reasonText(reason: string | undefined): string {
  return reason === undefined || reason === "" ? "" : t.value.notice.reason(reason);
}
