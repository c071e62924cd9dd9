// The options of a client: what is rejected at once, and with which sentence.
import { describe, expect, test } from "vitest";
import { ClientRig } from "../../helpers/client-rig.ts";

describe("the URL", () => {
  test.each([
    ["http://chat.example/ws", "ws://chat.example/ws"],
    ["https://chat.example/ws", "wss://chat.example/ws"],
    ["HTTPS://chat.example/ws", "wss://chat.example/ws"],
    ["ws://chat.example/ws/demo", "ws://chat.example/ws/demo"],
    ["wss://chat.example/prefix/ws/团队", "wss://chat.example/prefix/ws/%E5%9B%A2%E9%98%9F"],
    ["wss://chat.example/elsewhere?token=1", "wss://chat.example/elsewhere?token=1"],
  ])("%s is the socket %s", (url, socketUrl) => {
    const rig = new ClientRig({ url });
    rig.client.connect();
    expect(rig.socket.url).toBe(socketUrl);
  });

  test.each([
    ["", 'it is ""'],
    ["/ws/demo", 'it is "/ws/demo"'],
    ["chat.example/ws/demo", 'it is "chat.example/ws/demo"'],
    ["ftp://chat.example/ws/demo", "it has the scheme ftp:"],
    ["wss://chat.example/ws/demo#top", "it has the fragment #top"],
    ["wss://chat.example/ws/no%20room", '"no%20room" cannot be the name of a room'],
    ["wss://chat.example/ws/a%2Fb", '"a%2Fb" cannot be the name of a room'],
  ])("%o is a TypeError", (url, message) => {
    expect(() => new ClientRig({ url })).toThrow(TypeError);
    expect(() => new ClientRig({ url })).toThrow(message);
  });
});

test.each([
  ["key", { key: "short" }],
  ["history", { history: 101 }],
  ["history", { history: 1.5 }],
  ["resume", { resume: { epoch: "e1", seq: -1 } }],
  ["maxItems", { timeline: { maxItems: -1 } }],
  ["maxAttempts", { maxAttempts: 0 }],
])("an invalid %s is a TypeError: %o", (name, options) => {
  expect(() => new ClientRig(options)).toThrow(TypeError);
  expect(() => new ClientRig(options)).toThrow(name);
});

test("a timeline of no items has the position alone, and emits every event", () => {
  const rig = new ClientRig({ timeline: { maxItems: 0 } });
  const seqs: number[] = [];
  rig.client.on("event", ({ seq }) => seqs.push(seq));
  rig.join();
  for (let seq = 1; seq <= 3; seq += 1) {
    rig.socket.receive({ type: "message", seq, at: seq, user: "ada", name: "Ada", text: "hello" });
  }
  expect(seqs).toEqual([1, 2, 3]);
  expect(rig.client.state.timeline).toMatchObject({ items: [], head: 3, more: true });
});
