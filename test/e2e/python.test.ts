// A client in Python that was written from the protocol document alone, against the service and against a server
// of a later version. It shows that the document is complete.
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { parseCommand } from "../../src/protocol/commands.ts";
import { messageLine, welcomeLine } from "../helpers/server-lines.ts";
import { type Service, startServe } from "../helpers/service.ts";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) console.warn("python3 is not installed: the tests of the Python client are skipped");

/** Runs one scenario of test/python/scenarios.py; rejects with what it printed if it fails. */
async function run(scenario: string, origin: URL): Promise<void> {
  const args = ["test/python/scenarios.py", scenario, origin.href];
  const { stdout, stderr } = await promisify(execFile)("python3", args, { timeout: 60_000 });
  expect(stdout + stderr).toBe("");
}

describe.skipIf(!hasPython)("a Python client", () => {
  describe("of the service", () => {
    let service: Service;
    beforeAll(async () => {
      service = await startServe({ vars: { MESSAGE_RATE: "500", MESSAGE_BURST: "100" } });
    });
    afterAll(() => service?.stop());

    test.concurrent.each([
      ["sends, edits, deletes, reacts, renames and sees others do so", "conversation"],
      ["is the same user under the same key", "identity"],
      ["resumes after a cut and repeats unanswered commands", "resume-after-a-cut"],
      ["pages through the history", "history-paging"],
      ["keeps its order when it is rate-limited", "rate-limit"],
      ["fills a gap that is too large to resume", "gap"],
      ["repeats a message over HTTP", "http"],
      ["pings an idle connection", "ping"],
      [
        "has every message once in a room with an owner, whose commands it does not know",
        "rooms-with-owners",
      ],
    ])("%s", (_, scenario) => run(scenario, service.url));
  });

  test("continues after a gap whose events were pruned", async () => {
    const service = await startServe({ vars: { MESSAGE_RATE: "0", HISTORY_LIMIT: "20" } });
    try {
      await run("pruned-gap", service.url);
    } finally {
      await service.stop();
    }
  });

  describe("of a scripted server", () => {
    test("reconnects when a ping is not answered", () => withServer(silent, "dead-connection"));
    test("ignores what a later version adds", () => withServer(newer(), "newer-server"));
  });
});

/** Handles one line of a client. */
type Script = (socket: WebSocket, line: string) => void;

async function withServer(script: Script, scenario: string): Promise<void> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => {
    socket.on("message", (data) => script(socket, String(data)));
  });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  try {
    await run(scenario, new URL(`http://127.0.0.1:${address.port}/`));
  } finally {
    for (const socket of server.clients) socket.terminate();
    server.close();
  }
}

/** Answers `hello` and nothing else. */
const silent: Script = (socket, line) => {
  if (line.includes('"hello"')) socket.send(JSON.stringify(welcomeLine()));
};

/** A server of a later version, with event types, fields and codes that this version does not have. */
function newer(): Script {
  const poll = (seq: number) => ({ type: "poll", seq, at: 1, user: "ada", name: "Ada", options: ["a", "b"] });
  const message = (seq: number) => ({ ...messageLine(seq), language: "en" });
  const send = (socket: WebSocket, ...lines: object[]) =>
    socket.send(lines.map((line) => JSON.stringify(line)).join("\n"));
  let connections = 0;
  return (socket, line) => {
    const parsed = parseCommand(line);
    if (!parsed.ok) throw new Error(`not a command: ${line}`);
    const command = parsed.value;
    if (command.type === "hello") {
      connections += 1;
      const change =
        connections === 1
          ? { seq: 13, events: [message(11), poll(12), message(13)] }
          : { seq: 18, events: [poll(17), message(18)], resumed: command.resume?.seq === 16 };
      send(socket, { ...welcomeLine(), ...change, theme: "dark" });
    } else if (command.type === "history") {
      send(socket, { type: "history", id: command.id, events: [poll(9), message(10)], more: false });
    } else if (command.type === "send" && command.text === "first") {
      send(socket, { type: "error", id: command.id, code: "from_the_future", message: "not now" });
      send(socket, poll(14), { type: "weather", sky: "clear" }, { ...poll(15), type: "vote" }, message(16));
    } else if (command.type === "send" && command.text === "second") {
      if (connections === 1) socket.close(4321);
      else send(socket, { type: "ok", id: command.id, seq: 19 }, message(19));
    } else if (command.type === "send") {
      socket.close(4876);
    }
  };
}
