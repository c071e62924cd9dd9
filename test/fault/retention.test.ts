// The service is killed while its rooms forget. While it is down, the times in its files are set back: that much
// time has passed for the rooms.
import { expect, test } from "vitest";
import { newOwnerSecret } from "../../src/client/secrets.ts";
import { type Hello, openChat } from "../helpers/raw-socket.ts";
import { readLog } from "./log-reader.ts";
import { keyOf } from "./participant.ts";
import { addressesOf, RestartableService } from "./restartable-service.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const key = keyOf("reader");
const MESSAGES = 200;
const OLD = 150;

/** Sends messages and waits until all are stored. */
async function fill(socket: URL, hello: Hello = {}) {
  const chat = await openChat(socket, { hello: { key, ...hello } });
  for (let n = 1; n <= MESSAGES; n += 1) chat.command({ type: "send", id: `m${n}`, text: `message ${n}` });
  for (let n = 1; n <= MESSAGES; n += 1) await chat.next("ok");
  return chat;
}

test("after kill -9, what is too old is given out to nobody, and deleted after the second look", async () => {
  await using service = await RestartableService.start({ HISTORY_DAYS: "1" });
  const { socket, messages } = addressesOf(service.url, "days");
  const { epoch } = (await fill(socket)).welcome;
  await service.kill();
  service.edit((db) => db.exec(`UPDATE messages SET at = at - ${DAY} WHERE seq <= ${OLD}`));
  await service.restart();

  const reader = await openChat(socket, { hello: { key, resume: { epoch, seq: 1 }, history: 100 } });
  expect(reader.welcome).toMatchObject({ epoch, seq: MESSAGES, resumed: false, more: false });
  expect(reader.welcome.events.map(({ seq }) => seq)[0]).toBe(OLD + 1);
  expect(await readLog(messages, 0, 1)).toBe("pruned");
  expect(await readLog(messages, OLD)).toHaveLength(MESSAGES - OLD);
  // The first look is stored, and so survives the kill.
  await service.kill();
  const kept = service.edit((db) => {
    db.exec(`UPDATE meta SET value = json_set(value, '$.look.at', value ->> '$.look.at' - ${10 * MINUTE})
             WHERE key = 'retention'`);
    return db.prepare("SELECT COUNT(*) AS count FROM messages").get()?.count;
  });
  expect(kept).toBe(MESSAGES);
  await service.restart();

  const back = await openChat(socket, { hello: { key, resume: { epoch, seq: OLD } } });
  expect(back.welcome).toMatchObject({ epoch, resumed: true });
  await service.kill();
  const rows = service.edit((db) =>
    db.prepare("SELECT MIN(seq) AS first, COUNT(*) AS count FROM messages").get(),
  );
  expect({ ...rows }).toEqual({ first: OLD + 1, count: MESSAGES - OLD });
});

test("after kill -9, a room that everyone has left ends 5 minutes later, with an empty database", async () => {
  await using service = await RestartableService.start();
  const { socket, messages } = addressesOf(service.url, "presence");
  const chat = await fill(socket, { owner: newOwnerSecret(), claim: { retention: "presence" } });
  const { epoch } = chat.welcome;
  await service.kill();
  // Nobody has left, as far as the room knows. An alarm finds out.
  const alarm = service.edit((db) => {
    expect(
      db.prepare("SELECT value ->> '$.leftAt' AS leftAt FROM meta WHERE key = 'retention'").get()?.leftAt ??
        null,
    ).toBeNull();
    return db.prepare("SELECT name FROM sqlite_master WHERE name LIKE '%METADATA%'").get();
  });
  expect(alarm).toBeDefined();
  await service.restart();

  const summary = () =>
    fetch(new URL(".", messages).href.replace(/\/$/, "")).then((response) => response.json());
  expect(await summary()).toMatchObject({ epoch, seq: MESSAGES + 1, online: 0 });
  await service.kill();
  service.edit((db) =>
    db.exec(`UPDATE meta SET value = json_set(value, '$.leftAt', value ->> '$.leftAt' - ${5 * MINUTE})
             WHERE key = 'retention'`),
  );
  await service.restart();
  await expect.poll(summary, { timeout: 20_000 }).toMatchObject({ epoch: "", seq: 0, entry: "open" });
  await service.kill();
  expect(service.tables()).toEqual([]);

  await service.restart();
  const late = await openChat(socket, { hello: { key, resume: { epoch, seq: 10 } } });
  expect(late.welcome).toMatchObject({ seq: 0, resumed: false, events: [] });
  expect(late.welcome.epoch).not.toBe(epoch);
  await late.close();
});
