/** Files: uploads and downloads over HTTP, handed to the object that keeps the files of a room. */
import type { Context } from "hono";
import type { Result } from "../protocol/index.ts";
import { apiError } from "./errors.ts";

type FilesContext = Context<{ Bindings: Env; Variables: { room: string } }>;
type RoomFiles = ReturnType<Env["FILES"]["getByName"]>;
export type FilesCaller = Parameters<RoomFiles["download"]>[1];

/** Returns the object that keeps the files of the room, or throws if the service takes none. */
export function filesOf(c: FilesContext): RoomFiles {
  const files: Env["FILES"] | undefined = c.env.FILES;
  if (files === undefined) throw apiError("not_found", "this service takes no files");
  return files.getByName(c.var.room);
}

/** Stores the body of a request as a file. */
export async function upload(
  c: FilesContext,
  caller: FilesCaller,
): Promise<Awaited<ReturnType<RoomFiles["upload"]>>> {
  const files = filesOf(c);
  const { body } = c.req.raw;
  if (body === null) throw apiError("bad_request", "the file is empty");
  return files.upload(body, {
    caller,
    name: c.req.query("name") ?? "",
    hint: c.req.header("Content-Type") ?? "",
    origin: originOf(c),
  });
}

/** Answers with a file. */
export async function download(c: FilesContext, id: string, caller: FilesCaller): Promise<Result<Response>> {
  const request = {
    isHead: c.req.method === "HEAD",
    range: c.req.header("Range") ?? null,
    ifRange: c.req.header("If-Range") ?? null,
    ifNoneMatch: c.req.header("If-None-Match") ?? null,
  };
  const answer = await filesOf(c).download(id, caller, request);
  // An answer that is not disposed of keeps the object awake.
  const dispose = () => answer[Symbol.dispose]();
  if (!answer.ok || answer.value.body === null) {
    dispose();
    if (!answer.ok) return { ok: false, error: answer.error };
    const { status, headers } = answer.value;
    return { ok: true, value: new Response(null, { status, headers }) };
  }
  const { status, headers, body } = answer.value;
  // With a stream of a known length the runtime tells the length of the body.
  const { readable, writable } = new FixedLengthStream(Number(headers["Content-Length"]));
  // A client that closes the connection ends it.
  body
    .pipeTo(writable)
    .catch(() => {})
    .finally(dispose);
  return { ok: true, value: new Response(readable, { status, headers }) };
}

/** Returns the origin of the address that the client used. Behind a proxy, only a browser tells its scheme. */
function originOf(c: FilesContext): string {
  const url = new URL(c.req.url);
  const host = c.req.header("Host") ?? url.host;
  const origin = c.req.header("Origin") ?? "";
  if (URL.canParse(origin) && new URL(origin).host === host) return new URL(origin).origin;
  const scheme = c.req.header("X-Forwarded-Proto") === "https" ? "https:" : url.protocol;
  return `${scheme}//${host}`;
}
