// The client library against the running service: talking, resuming, the service's death, rates, gaps.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ChatClient, type ChatClientOptions, type ChatState, type Gap } from "../../src/client/index.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { eventually } from "../helpers/wait.ts";

let service: Service;
let clients: ChatClient[] = [];
beforeAll(async () => {
  service = await startServe({ vars: { MESSAGE_RATE: "40", MESSAGE_BURST: "10" } });
});
afterAll(async () => {
  await service?.stop();
});
afterEach(() => {
  for (const client of clients) client.close();
  clients = [];
});

/** A client that is in `room`. */
async function join(
  at: Service,
  room: string,
  options: Partial<ChatClientOptions> = {},
): Promise<ChatClient> {
  const client = new ChatClient({ url: at.socket(room).href, ...options });
  clients.push(client);
  client.connect();
  await sees(client, "the welcome", ({ connection }) => connection === "online");
  return client;
}

/** Waits until the client's state is as wanted. */
function sees(client: ChatClient, what: string, probe: (state: ChatState) => boolean): Promise<true> {
  return eventually(
    what,
    () => probe(client.state) || undefined,
    (listener) => client.on("state", listener),
  );
}

/** The messages that a client shows, without whose they are. */
function messages({ state }: ChatClient) {
  return state.timeline.items.map((item) => {
    if (item.type === "gap") return item;
    const { id: _, ...message } = item;
    return message;
  });
}

function texts(client: ChatClient): string[] {
  return messages(client).map((item) => (item.type === "message" ? item.text : `(${item.type})`));
}

test("two clients see the same: messages, changes, people, who types", async () => {
  const ann = await join(service, "talk", { name: "Ann" });
  const bob = await join(service, "talk", { name: "Bob" });
  const { seq } = await ann.send("first");
  await bob.send("second", { reply: seq });
  await ann.edit(seq, "first, mended");
  await bob.react(seq, "👍", true);
  const gone = await ann.send("third");
  await ann.delete(gone.seq);
  await sees(bob, "the deletion", ({ timeline }) => timeline.head === gone.seq + 1);
  await sees(ann, "the deletion", ({ timeline }) => timeline.head === gone.seq + 1);
  expect(messages(ann)).toMatchObject([
    { text: "first, mended", name: "Ann", reactions: { "👍": [bob.state.you?.user] } },
    { text: "second", name: "Bob", reply: seq },
    { text: "", deleted: true },
  ]);
  expect(messages(bob)).toEqual(messages(ann));

  await bob.rename("Bea");
  bob.typing(true);
  await sees(ann, "Bea", ({ members }) => members?.map(({ name }) => name).join() === "Ann,Bea");
  await sees(ann, "that Bea types", ({ typing }) => typing.join() === bob.state.you?.user);

  const late = await join(service, "talk");
  expect(messages(late)).toEqual(messages(ann));
});

test("what is refused says why, and the rest goes on", async () => {
  const ann = await join(service, "refusals");
  const bob = await join(service, "refusals");
  const { seq } = await ann.send("mine");
  await expect(bob.edit(seq, "yours")).rejects.toMatchObject({ code: "forbidden" });
  await expect(bob.react(99, "👍", true)).rejects.toMatchObject({ code: "not_found" });
  await expect(bob.send("x".repeat(8_193))).rejects.toMatchObject({ code: "too_long" });
  await expect(bob.send("   ")).rejects.toMatchObject({ code: "bad_request" });
  await bob.send("after");
  expect(bob.state.outbox.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
});

test("a burst over the rate arrives whole and in order", async () => {
  const ann = await join(service, "burst");
  const bob = await join(service, "burst");
  const said = Array.from({ length: 60 }, (_, index) => `message ${index}`);
  const acks = await Promise.all(said.map((text) => ann.send(text)));
  expect(acks.map(({ seq }) => seq)).toEqual(said.map((_, index) => index + 1));
  await sees(bob, "all of it", ({ timeline }) => timeline.head === said.length);
  expect(texts(bob)).toEqual(said);
});

test("a client that was away too long shows a gap, and fills it", async () => {
  const busy = await startServe({ vars: { MESSAGE_RATE: "0" } });
  try {
    const ann = await join(busy, "away");
    const bob = await join(busy, "away", { history: 20 });
    await ann.send("before");
    await sees(bob, "a message", ({ timeline }) => timeline.head === 1);
    bob.close();
    const count = 1_100;
    await Promise.all(Array.from({ length: count }, (_, index) => ann.send(`message ${index}`)));
    await ann.edit(1, "before, mended");
    bob.connect();
    await sees(bob, "the gap", ({ timeline }) => timeline.head === count + 2);
    expect(texts(bob).slice(1, 3)).toEqual(["(gap)", `message ${count - 20}`]);
    for (let gap = gapOf(bob); gap !== undefined; gap = gapOf(bob)) await bob.fillGap(gap, { limit: 100 });
    await sees(bob, "the edit", ({ timeline }) => timeline.items.some((item) => "edited" in item));
    expect(messages(bob)).toEqual(messages(ann));
  } finally {
    await busy.kill();
  }
});

test("two clients show the same after the service was killed and restarted while both talked", async () => {
  const state = await mkdtemp(joinPath(tmpdir(), "edge-chat-client-"));
  const vars = { MESSAGE_RATE: "0" };
  let running = await startServe({ vars, state });
  try {
    const ann = await join(running, "crash");
    const bob = await join(running, "crash");
    const sent: Promise<unknown>[] = [];
    const say = (from: number, to: number) => {
      for (let i = from; i < to; i += 1) sent.push(ann.send(`ann ${i}`), bob.send(`bob ${i}`));
    };
    say(0, 100);
    await sees(bob, "some of it", ({ timeline }) => timeline.head > 0);
    await running.kill();
    say(100, 200);
    await sees(ann, "the loss", ({ connection }) => connection === "waiting");
    running = await startServe({ vars, state, port: Number(running.url.port) });
    await Promise.all(sent);
    for (const client of [ann, bob])
      await sees(client, "everything", ({ timeline }) => timeline.head === 400);
    expect(messages(bob)).toEqual(messages(ann));
    for (const name of ["ann", "bob"]) {
      const own = texts(ann).filter((text) => text.startsWith(name));
      expect(own).toEqual(Array.from({ length: 200 }, (_, index) => `${name} ${index}`));
    }
  } finally {
    await running.kill();
    await rm(state, { recursive: true, force: true, maxRetries: 5 });
  }
});

function gapOf({ state }: ChatClient): Gap | undefined {
  return state.timeline.items.find((item) => item.type === "gap");
}
