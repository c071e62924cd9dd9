/** A notice: one quiet line between the messages. Its content is loaded when a room first has one. */
import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { Notice } from "../../client/index.ts";
import { setNoticeLoader } from "../state/notices.ts";

interface NoticeProps {
  readonly notice: Notice;
}

const content: Signal<ComponentType<NoticeProps> | null> = signal(null);
setNoticeLoader(async () => {
  const { NoticeContent } = await import("./notice.tsx");
  content.value = NoticeContent;
});

export function NoticeRow({ notice }: NoticeProps) {
  const Content = content.value;
  return (
    <p class="notice-line" data-seq={notice.seq}>
      {Content && <Content notice={notice} />}
    </p>
  );
}
