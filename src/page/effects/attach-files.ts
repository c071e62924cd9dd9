/** Attaches chosen, pasted and dropped files to the new message of the open room. */
import { f } from "../i18n/files.ts";
import { t } from "../i18n/index.ts";
import { m } from "../i18n/moderation.ts";
import { errorText } from "../state/attempt.ts";
import { openRoom } from "../state/navigation.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { dialog, showToast } from "../state/ui.ts";

/** Attaches `files` to the new message, or shows why it cannot have them. */
export async function attachFiles(room: OpenRoom, files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  const why = whyNot(room);
  if (why !== null) {
    showToast(why);
    return;
  }
  try {
    const attachments = await room.composer.loadFiles();
    const { count = 0 } = room.membership.fileLimits.peek() ?? {};
    if (files.length > attachments.space) showToast(f.peek().tooManyFiles(count));
    attachments.add(files);
    room.composer.focus();
  } catch {
    showToast(t.peek().failedToLoad);
  }
}

function whyNot({ composer, membership }: OpenRoom): string | null {
  const block = composer.block.peek();
  if (membership.fileLimits.peek() === undefined) return f.peek().noService;
  if (!membership.takesFiles.peek()) return errorText({ code: "forbidden", cause: "files_off" });
  if (block?.type === "muted") return errorText({ code: "forbidden", cause: "muted" });
  if (block?.type === "read-only") return m.peek().readOnlyNote;
  return composer.editing.peek() === null ? null : f.peek().finishEditing;
}

/** Attaches files that are pasted or dropped anywhere on the page. Call once. */
export function startAttaching(): void {
  // Before the text field, which would insert the text that comes with a file.
  addEventListener("paste", pasted, { capture: true });
  addEventListener("dragenter", dragged);
  addEventListener("dragover", dragged);
  addEventListener("dragleave", left);
  addEventListener("drop", dropped);
}

function pasted(event: ClipboardEvent): void {
  const room = roomForFiles();
  const files = [...(event.clipboardData?.files ?? [])];
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const inOtherField = event.target instanceof Element && event.target.matches("input, select, dialog *");
  if (room === null || files.length === 0 || inOtherField || !isName(text, files)) return;
  event.preventDefault();
  event.stopPropagation();
  void attachFiles(room, files);
}

/** Returns whether a pasted text only names the files. Programs put a picture of a copied table beside its text. */
function isName(text: string, files: readonly File[]): boolean {
  const lines = text.split(/[\r\n]+/).filter((line) => line !== "");
  return lines.every((line) => files.some(({ name }) => line.endsWith(name)));
}

/** Returns the open room if files can be attached there now. */
function roomForFiles(): OpenRoom | null {
  const room = openRoom.peek();
  return room === null || room.isOutside.peek() || dialog.peek() !== null ? null : room;
}

let target: HTMLElement | null = null;

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") === true;
}

function dragged(event: DragEvent): void {
  if (!hasFiles(event)) return;
  // Else the browser would leave the page and open the file.
  event.preventDefault();
  const room = roomForFiles();
  const isAllowed = room !== null && whyNot(room) === null;
  if (event.dataTransfer !== null) event.dataTransfer.dropEffect = isAllowed ? "copy" : "none";
  if (isAllowed) showTarget();
}

/** The pointer leaves the window if it enters no other element. */
function left(event: DragEvent): void {
  if (event.relatedTarget === null) hideTarget();
}

function dropped(event: DragEvent): void {
  if (!hasFiles(event)) return;
  event.preventDefault();
  hideTarget();
  const room = roomForFiles();
  if (room !== null) void attachFiles(room, filesOf(event.dataTransfer));
}

/** Returns the dropped files, without folders. */
function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.items ?? [])].flatMap((item) => {
    if (item.kind !== "file" || item.webkitGetAsEntry()?.isDirectory === true) return [];
    return item.getAsFile() ?? [];
  });
}

function showTarget(): void {
  if (target !== null) return;
  target = document.createElement("div");
  target.className = "drop-target";
  const text = document.createElement("p");
  text.textContent = f.peek().dropHere;
  target.append(text);
  document.querySelector("main")?.append(target);
}

function hideTarget(): void {
  target?.remove();
  target = null;
}
