/** A notice: one quiet line between the messages. Its content is loaded when a room first has one. */
import type { Notice } from "../../client/index.ts";
import { noticeRows } from "../state/rare-rows.ts";
import { later } from "./later.tsx";

const Content = later(async () => (await import("./notice.tsx")).NoticeContent);
noticeRows.setLoader(Content.load);

export function NoticeRow({ notice }: { readonly notice: Notice }) {
  return (
    <p class="notice-line" data-seq={notice.seq}>
      <Content notice={notice} />
    </p>
  );
}
