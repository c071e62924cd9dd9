/** Loads the component that draws notices, which most rooms do not need. */
import { type Signal, signal } from "@preact/signals";
import type { NoticeContent } from "../components/notice.tsx";
import { type Item, isNotice } from "./rows.ts";

/** The component: `null` until it is loaded, `undefined` if loading failed. */
export const noticeContent: Signal<typeof NoticeContent | null | undefined> = signal(null);
let loading: Promise<void> | null = null;

/** Returns whether `items` can be drawn in their final height: the component for their notices has been tried. */
export function canShowNotices(items: readonly Item[]): boolean {
  if (noticeContent.value !== null || !items.some(isNotice)) return true;
  void loadNoticeContent();
  return false;
}

/** Loads the component. */
export function loadNoticeContent(): Promise<void> {
  loading ??= import("../components/notice.tsx").then(
    ({ NoticeContent }) => {
      noticeContent.value = NoticeContent;
    },
    () => {
      noticeContent.value = undefined;
      loading = null;
    },
  );
  return loading;
}
