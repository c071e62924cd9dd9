/** The content of a notice: what happened to the room or its people. */
import type { Notice } from "../../client/index.ts";
import { durationText } from "../i18n/duration.ts";
import { inLanguage } from "../i18n/index.ts";
import { keptTexts } from "../i18n/kept.ts";
import { noticesEn } from "../i18n/notices-en.ts";
import { noticesZh } from "../i18n/notices-zh.ts";
import { useOpenRoom } from "../state/context.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { anchorAt, dialog } from "../state/ui.ts";
import { timeView } from "./time-view.tsx";

const texts = inLanguage({ en: noticesEn, zh: noticesZh });

/** Stands for the member in a text, which is split there: a private-use character, which no text of the page has. */
const MEMBER = "\uE000";
/** Characters of a topic in a notice. */
const MAX_TOPIC = 120;

export function NoticeContent({ notice }: { readonly notice: Notice }) {
  const room = useOpenRoom();
  const [before = "", ...after] = noticeText(notice).split(MEMBER);
  return (
    <>
      <PersonName user={notice.user} name={notice.name} />{" "}
      {notice.type === "pin" && notice.on ? (
        <button type="button" class="notice-link" onClick={() => jump(room, notice.target)}>
          {before}
        </button>
      ) : (
        before
      )}
      {"member" in notice && (
        <>
          <PersonName user={notice.member} name={notice.memberName ?? room.nameOf(notice.member)} />
          {after.join(MEMBER)}
        </>
      )}{" "}
      {timeView(notice.at)}
    </>
  );
}

function jump(room: OpenRoom, seq: number): void {
  room.jumpTo.value = seq;
}

/** A name that opens the person's card. As with messages, keyboards reach the card from the list of people. */
function PersonName({ user, name }: { readonly user: string; readonly name: string }) {
  return (
    <button
      type="button"
      class="person-button"
      tabIndex={-1}
      aria-haspopup="dialog"
      onClick={({ currentTarget }) => {
        dialog.value = { type: "person", user, name, anchor: anchorAt(currentTarget) };
      }}
    >
      <bdi>{name}</bdi>
    </button>
  );
}

/** Returns what happened, to be read after the name of the person who acted. */
function noticeText(notice: Notice): string {
  const text = texts.value;
  switch (notice.type) {
    case "claim":
      // The first event of a room created it.
      return notice.seq === 1 ? text.created : text.claim;
    case "settings":
      return settingsText(notice);
    case "role":
      return text.role(MEMBER, notice.role);
    case "mute":
      if (notice.duration === 0) return text.unmute(MEMBER);
      return text.mute(MEMBER, timeText(notice.duration)) + reasonText(notice.reason);
    case "ban": {
      if (notice.duration === 0) return text.unban(MEMBER);
      const ban = notice.network === true ? text.banNetwork : text.ban;
      return ban(MEMBER, timeText(notice.duration)) + reasonText(notice.reason);
    }
    case "remove":
      return text.remove(MEMBER) + reasonText(notice.reason);
    case "admit":
      return notice.on ? text.admit(MEMBER) : text.refuse(MEMBER);
    case "pin":
      return notice.on ? text.pin : text.unpin;
    case "owner":
      return text.owner;
    case "wipe":
      return text.wipe;
    case "import":
      return text.imported(notice.messages);
  }
}

function settingsText(notice: Extract<Notice, { type: "settings" }>): string {
  const text = texts.value;
  const { title, topic, entry, slowMode, readOnly, locked, closed, files, retention } = notice;
  const changes = [
    title !== undefined && text.title(title),
    topic !== undefined && text.topic(topic.length > MAX_TOPIC ? `${topic.slice(0, MAX_TOPIC)}…` : topic),
    entry !== undefined && text.entry(entry),
    slowMode !== undefined && text.slowMode(slowMode === 0 ? "" : durationText(slowMode)),
    readOnly !== undefined && text.readOnly(readOnly),
    locked !== undefined && text.locked(locked),
    closed !== undefined && text.closed(closed),
    files !== undefined && text.files(files),
    retention !== undefined && keptTexts.value.notice[retention],
  ].filter((change) => change !== false);
  // Events never contain the password.
  if (changes.length === 0) return text.password;
  return text.list(changes);
}

function timeText(duration: number | undefined): string {
  return duration === undefined ? "" : durationText(duration);
}

function reasonText(reason: string | undefined): string {
  return reason === undefined || reason === "" ? "" : texts.value.reason(reason);
}
