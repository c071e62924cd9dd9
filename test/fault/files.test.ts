// The server is killed at every step of a file's life. No file of a message is lost, no file stays that no message
// names, and a deleted file is gone within a minute.
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { json } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { ClientLine } from "../../src/protocol/commands.ts";
import type { FileInfo } from "../../src/protocol/files.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { poll } from "../helpers/wait.ts";
import { keyOf } from "./participant.ts";
import { seeded } from "./random.ts";
import { addressesOf, RestartableService } from "./restartable-service.ts";
import { report, sized } from "./size.ts";

const ROUNDS = sized(10, 1);
/** Kills come this long after a request was sent, at most. */
const MAX_DELAY_MS = 30;
/** Two chunks. */
const BYTES = 1_200_000;
const GONE_MS = 60_000;

const STEPS = [
  "half the body",
  "the body",
  "an upload",
  "a send",
  "its ok",
  "a delete",
  "the ok of a delete",
] as const;
type Step = (typeof STEPS)[number];

/** A file, as far as it came before a kill. */
interface Trial {
  readonly bytes: Buffer;
  file?: FileInfo;
  send?: ClientLine & { id: string };
  seq?: number;
  remove?: ClientLine & { id: string };
  isDeleted?: boolean;
}

const key = keyOf("sender");
const random = seeded("files");
const delay = () => new Promise((resolve) => setTimeout(resolve, random() * MAX_DELAY_MS));

/** Sends an upload, or only the first half of its body. */
function upload(url: URL, bytes: Buffer, isHalf: boolean): Promise<FileInfo> {
  const headers = { Authorization: `Bearer ${key}`, "Content-Length": bytes.length };
  const sent = request(url, { method: "POST", headers });
  const { promise, resolve, reject } = Promise.withResolvers<FileInfo>();
  sent.on("error", reject);
  sent.on("response", async (response) => {
    const body = await json(response).catch(reject);
    if (response.statusCode === 201) resolve(body as FileInfo);
    else reject(new Error(`answered ${response.statusCode}`));
  });
  if (isHalf) sent.write(bytes.subarray(0, bytes.length / 2));
  else sent.end(bytes);
  return promise;
}

/** Uploads a file, sends it and deletes its message, up to a step. */
async function run(step: Step, number: number, base: URL): Promise<Trial> {
  const bytes = Buffer.alloc(BYTES, `file ${number} `);
  const trial: Trial = { bytes };
  const uploading = upload(new URL(`files?name=${number}.bin`, base), bytes, step === "half the body");
  uploading.catch(() => {});
  if (step === "half the body" || step === "the body") {
    await delay();
    return trial;
  }
  trial.file = await uploading;
  if (step === "an upload") return trial;
  const chat = await openChat(addressesOf(base, "files").socket, { hello: { key, history: 0 } });
  trial.send = { type: "send", id: `send-${number}`, text: "", files: [{ id: trial.file.id }] };
  chat.command(trial.send);
  if (step === "a send") {
    await delay();
    return trial;
  }
  trial.seq = (await chat.next("ok")).seq ?? 0;
  if (step === "its ok") return trial;
  trial.remove = { type: "delete", id: `delete-${number}`, target: trial.seq };
  chat.command(trial.remove);
  if (step === "a delete") {
    await delay();
    return trial;
  }
  await chat.next("ok");
  trial.isDeleted = true;
  return trial;
}

/** Does what a client does that has no answer to a command: it sends it again. */
async function finish(trial: Trial, socket: URL): Promise<void> {
  const { send, remove, seq, isDeleted } = trial;
  const command = remove ?? send;
  // Nobody wakes the room after an acknowledged deletion.
  if (command === undefined || isDeleted) return;
  const chat = await openChat(socket, { hello: { key, history: 0 } });
  chat.command(command);
  const ok = await chat.next("ok");
  if (command === send) {
    if (seq !== undefined) expect(ok.seq).toBe(seq);
    trial.seq = ok.seq ?? 0;
  } else trial.isDeleted = true;
  await chat.close();
}

/** Rows of all tables of the databases of a class. */
async function tablesOf(state: string, className: string, query: string): Promise<Record<string, unknown>[]> {
  const folder = join(state, `edge-chat-${className}`);
  const rows: Record<string, unknown>[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".sqlite") || (name === "metadata.sqlite") !== query.includes("_cf_ALARM")) continue;
    const db = new DatabaseSync(join(folder, name));
    rows.push(...db.prepare(query).all());
    db.close();
  }
  return rows;
}

test(
  "a file is there as long as its message, whatever step of its life a kill interrupts",
  async () => {
    await using service = await RestartableService.start();
    const room = "files";
    const base = () => new URL(`/api/rooms/${room}/`, service.url);
    const read = async ({ file }: Trial) => fetch(new URL(`files/${file?.id}`, base()));
    const first = await openChat(addressesOf(service.url, room).socket, { hello: { key } });
    first.command({ type: "send", id: "first", text: "the first message" });
    await first.next("ok");
    await first.close();

    const trials: Trial[] = [];
    let goneMs = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const step of STEPS) {
        const trial = await run(step, trials.length, base());
        trials.push(trial);
        await service.kill();
        await service.restart();
        const restartedAt = Date.now();
        await finish(trial, addressesOf(service.url, room).socket);
        if (trial.isDeleted) {
          const isGone = async () => ((await read(trial)).status === 404 ? true : undefined);
          await poll("the deleted file to be gone", isGone, GONE_MS);
          goneMs = Math.max(goneMs, Date.now() - restartedAt);
        }
      }
    }

    const kept = trials.filter(({ seq, isDeleted }) => seq !== undefined && !isDeleted);
    for (const trial of kept) {
      const response = await read(trial);
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer()).equals(trial.bytes)).toBe(true);
    }
    await service.kill();
    const { state } = service;
    const ids = kept.map(({ file }) => file?.id).sort();
    const used = await tablesOf(state, "ChatRoom", "SELECT id FROM files ORDER BY id");
    expect(used.map(({ id }) => id)).toEqual(ids);
    expect(await tablesOf(state, "ChatRoom", "SELECT id FROM gone_files")).toEqual([]);
    const files = await tablesOf(state, "RoomFiles", "SELECT id, expires, stored FROM files ORDER BY id");
    // A file without an end is that of a message; a message whose file still has one is asked for before it ends.
    const endless = files.filter(({ expires }) => expires === null).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(endless));
    for (const id of ids) expect(files).toContainEqual(expect.objectContaining({ id, stored: 1 }));
    const chunks = await tablesOf(state, "RoomFiles", "SELECT DISTINCT file FROM chunks ORDER BY file");
    expect(chunks.map(({ file }) => file)).toEqual(files.map(({ id }) => id));
    const alarms = await tablesOf(state, "RoomFiles", "SELECT actor_name FROM _cf_ALARM");
    expect(alarms).toEqual(files.length > endless.length ? [{ actor_name: room }] : alarms);
    report("SIGKILL at every step of a file", {
      kills: service.kills,
      "files of messages": kept.length,
      "uploads that will expire": files.length - endless.length,
      "ms until a deleted file was gone": goneMs,
    });
    await service.restart();
  },
  sized(1_800_000, 300_000),
);
