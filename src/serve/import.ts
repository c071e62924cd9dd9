/** Import: `npm run import` sends an export of a room to a running service, which makes it a room again. */
import { openAsBlob } from "node:fs";
import { parseArgs } from "node:util";
import { printStartError, StartError } from "./start-error.ts";

const HELP = `Usage: npm run import -- FILE --room NAME [OPTION]...

Makes an export of a room in the format jsonl the log of a room without messages.

  --room NAME   room to import into
  --url URL     address of the service; default http://127.0.0.1:8787
  --key KEY     owner secret of the room, the end of its owner link, or the ADMIN_KEY of
                the service; by default the environment variable OWNER_KEY, which other
                users of this machine cannot read
  --name NAME   your name in the notice that the messages were imported
  --help        print this text
`;

interface ImportOptions {
  readonly file: string;
  readonly room: string;
  readonly url: URL;
  readonly key: string;
  readonly name: string;
}

await printStartError(main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  console.log(options === null ? HELP : await upload(options));
}

/** Parses `args`; `null` asks for help. Throws a StartError if they are invalid. */
function parseOptions(args: readonly string[]): ImportOptions | null {
  const { values, positionals } = readFlags(args);
  if (values.help) return null;
  const { room, url, key, name } = values;
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new StartError("Name one file; --help lists the options.");
  if (room === undefined || room === "") throw new StartError("--room needs the name of a room.");
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new StartError(`--url takes an address like http://127.0.0.1:8787, not "${url}".`);
  if (key === undefined || key === "")
    throw new StartError("--key needs the owner secret of the room, or the ADMIN_KEY.");
  return { file, room, url: new URL(url), key, name };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", default: false },
        room: { type: "string" },
        url: { type: "string", default: "http://127.0.0.1:8787" },
        key: { type: "string", default: process.env.OWNER_KEY ?? "" },
        name: { type: "string", default: "" },
      },
    });
  } catch (error) {
    // After the first sentence, Node's message continues with advice to programmers.
    const reason = error instanceof Error ? error.message.split(/\.?\s*\n|\. /)[0] : String(error);
    throw new StartError(`${reason}; --help lists the options.`);
  }
}

/** Sends the file. Returns a sentence about what was imported; throws a StartError with the answer of the service. */
async function upload({ file, room, url, key, name }: ImportOptions): Promise<string> {
  const body = await blobOf(file);
  const call = new URL(`/api/rooms/${encodeURIComponent(room)}/import`, url);
  if (name !== "") call.searchParams.set("name", name);
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/jsonl" };
  const send = (content: Blob | string) => fetch(call, { method: "POST", headers, body: content });
  const response = await send(body).catch(async (error: Error) => {
    // A service that rejects the import ends the connection, before its answer is read if the file is long. An empty
    // file gets the same answer, unless the file is the reason.
    const answer = await send("").catch(() => null);
    if (answer !== null && answer.status !== 400) return answer;
    throw new StartError(`${url.origin} does not answer: ${String(error.cause ?? error.message)}`);
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok)
    throw new StartError(
      `Nothing was imported: ${field(field(answer, "error"), "message") ?? response.status}.`,
    );
  return `Imported ${field(answer, "messages")} messages into ${new URL(`/r/${encodeURIComponent(room)}`, url)}`;
}

/** Returns a file to send. It is read while it is sent. */
async function blobOf(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file);
  } catch {
    throw new StartError(`${file} cannot be read.`);
  }
}

/** Returns a field of an answer of the HTTP API, or `undefined`. */
function field(answer: unknown, name: string): unknown {
  if (typeof answer !== "object" || answer === null) return undefined;
  return new Map<string, unknown>(Object.entries(answer)).get(name);
}
