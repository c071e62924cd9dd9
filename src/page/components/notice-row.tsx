/** A notice: one quiet line between the messages. Its content is loaded when a room first has one. */
import type { Notice } from "../../client/index.ts";
import { noticeContent } from "../state/notice-content.ts";

export function NoticeRow({ notice }: { readonly notice: Notice }) {
  const Content = noticeContent.value;
  return (
    <p class="notice-line" data-seq={notice.seq}>
      {Content && <Content notice={notice} />}
    </p>
  );
}
