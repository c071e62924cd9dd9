// The self-hosting server against too many connections, forged headers, foreign host names and crashes.
import { execFileSync } from "node:child_process";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ChatClient } from "../../src/client/index.ts";
import { handshake, openChat, UPGRADE } from "../helpers/raw-socket.ts";
import { type Service, type ServiceOptions, startServe } from "../helpers/service.ts";
import { eventually, poll } from "../helpers/wait.ts";

const ON_WINDOWS = process.platform === "win32";

/** An address of this machine that is not a loopback address. */
const OUTER_ADDRESS = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === "IPv4" && !one.internal)?.address;

let shared: Service;
beforeAll(async () => {
  shared = await startServe({ args: ["--allow-host", "chat.example"] });
});
afterAll(async () => {
  await shared?.stop();
});

async function start(options: ServiceOptions): Promise<Service> {
  const service = await startServe(options);
  onTestFinished(async () => void (await service.stop()));
  return service;
}

/** A handshake for `room`, whose connection stays open until the test ends. */
async function shake(url: string | URL, room: string, headers: Record<string, string> = {}) {
  const answer = await handshake(url, `/ws/${room}`, { ...UPGRADE, ...headers });
  onTestFinished(() => void answer.socket?.destroy());
  return answer;
}

test.skipIf(ON_WINDOWS)("refuses requests before the file descriptors run out", async () => {
  const service = await start({ openFiles: 200 });
  expect(service.output()).toMatch(/^up to 65 connections, by the limit of 200 open files$/m);
  const early = await openChat(service.socket("crowd"));

  const open: Socket[] = [];
  const refusal = await poll("the connections to reach the limit", async () => {
    const answer = await shake(service.url, "crowd");
    if (answer.socket !== undefined) open.push(answer.socket);
    return open.length > 50 && answer.status !== 101 ? answer : undefined;
  });
  expect(refusal).toMatchObject({
    status: 503,
    headers: { "retry-after": "10" },
    body: "the server has too many connections: try again later\n",
  });

  early.command({ type: "send", id: "one", text: "Still here" });
  await early.next("ok");
  for (const socket of open) socket.destroy();
  await poll("a new connection to be accepted", async () => {
    return (await shake(service.url, "crowd")).status === 101;
  });
  expect(service.output()).not.toContain("the runtime ended");
  await early.close();
});

test.skipIf(ON_WINDOWS)("restarts the runtime when idle connections end it; clients resume", async () => {
  const service = await start({ openFiles: 200 });
  const client = new ChatClient({ url: service.socket("lasting").href, name: "Ann" });
  onTestFinished(() => client.close());
  client.connect();
  await client.send("before");

  const idle = Array.from({ length: 120 }, () => connect(Number(service.url.port), service.url.hostname));
  for (const socket of idle) socket.on("error", () => {});
  await poll("the runtime to end", async () => service.output().includes("the runtime ended"));
  for (const socket of idle) socket.destroy();
  expect(service.output().match(/^\{"event":"the runtime ended".*\}$/gm)).toHaveLength(1);

  await client.send("after");
  const texts = client.state.timeline.items.map((item) =>
    item.type === "message" ? item.text : `(${item.type})`,
  );
  expect(texts).toEqual(["before", "after"]);
});

test.skipIf(ON_WINDOWS)("waits longer before each restart, and still stops at once", async () => {
  const service = await start({});
  for (const count of [1, 2]) {
    await poll("the service to answer", () =>
      fetch(new URL("/healthz", service.url)).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    execFileSync("pkill", ["-KILL", "-P", String(service.pid), "workerd"]);
    await poll("the log line", async () => service.output().match(/the runtime ended/g)?.length === count);
  }
  const pauses = [...service.output().matchAll(/"restartInMs":(\d+)/g)].map(([, ms]) => Number(ms));
  expect(pauses).toEqual([500, 1_000]);
  expect(await service.stop()).toBe(0);
});

test.skipIf(OUTER_ADDRESS === undefined)(
  "limits the upgrades of an address, whatever header it sends",
  async () => {
    const service = await start({ host: "0.0.0.0" });
    const url = `http://${OUTER_ADDRESS}:${service.url.port}`;
    // A room with a message is not limited as a new one.
    const sender = await openChat(new URL("/ws/limited", `ws://127.0.0.1:${service.url.port}`));
    sender.command({ type: "send", id: "one", text: "hello" });
    await sender.next("ok");
    // 300 a minute by wrangler.toml. A new minute may begin meanwhile.
    let answer = await handshake(url, "/ws/limited");
    for (let count = 1; count <= 601 && answer.status === 101; count++) {
      answer.socket?.destroy();
      answer = await handshake(url, "/ws/limited", {
        ...UPGRADE,
        "CF-Connecting-IP": `198.51.100.${count % 256}`,
      });
    }
    expect(answer).toMatchObject({
      status: 429,
      headers: { "retry-after": "60" },
      body: "too many connections from this address: try again in a minute\n",
    });
    await sender.close();
    // Clients on this machine have no address.
    const local = await handshake(`http://127.0.0.1:${service.url.port}`, "/ws/limited");
    local.socket?.destroy();
    expect(local.status).toBe(101);
  },
);

test.skipIf(OUTER_ADDRESS === undefined)("limits the new rooms of an address", async () => {
  const service = await start({ host: "0.0.0.0" });
  const url = `http://${OUTER_ADDRESS}:${service.url.port}`;
  // 60 a minute by wrangler.toml, counted in the rooms. A new minute may begin meanwhile.
  let answer = await handshake(url, "/api/rooms/new", {});
  for (let count = 1; count <= 121 && answer.status === 200; count++) {
    answer = await handshake(url, `/api/rooms/new-${count}`, {});
  }
  expect(answer.status).toBe(429);
});

test.skipIf(OUTER_ADDRESS === undefined)(
  "an Upgrade header does not let a forged address through",
  async () => {
    const service = await start({ host: "0.0.0.0", vars: { MESSAGE_BURST: "2", MESSAGE_RATE: "0.001" } });
    const body = JSON.stringify({ text: "hello" });
    const statuses: string[] = [];
    for (const count of [1, 2, 3]) {
      const head = [
        ...["POST /api/rooms/forged/messages HTTP/1.1", `Host: ${OUTER_ADDRESS}`, "Connection: close"],
        ...["Upgrade: h2c", `CF-Connecting-IP: 198.51.100.${count}`, `Content-Length: ${body.length}`],
      ];
      statuses.push(await exchange(service.url.port, [...head, "", body], OUTER_ADDRESS));
    }
    expect(statuses).toEqual(["201", "201", "429"]);
  },
);

test.each(["localhost", "LOCALHOST:1234", "127.0.0.1", "[::1]:80", "chat.example", "chat.example:443"])(
  "a server on a loopback address answers for %s",
  async (host) => {
    expect((await handshake(shared.url, "/healthz", { Host: host })).status).toBe(200);
  },
);

test.each(["/healthz", "/", "/ws/demo"])("it refuses the host name of another site at %s", async (path) => {
  const answer = await handshake(shared.url, path, { ...UPGRADE, Host: "evil.example:8787" });
  expect(answer).toMatchObject({
    status: 403,
    body: "this server does not answer for evil.example: start it with --allow-host evil.example\n",
  });
});

test.each([
  ["repeated", ["Host: localhost", "Host: localhost"]],
  ["malformed", ["Host: local host"]],
  ["malformed", ["Host: localhost:99999"]],
  ["malformed", ["Host: ["]],
])("a %s Host header is a bad request: %j", async (_, headers) => {
  for (const path of ["/healthz", "/", "/ws/demo"]) {
    const lines = [`GET ${path} HTTP/1.1`, "Connection: close", ...headers, "", ""];
    expect(await exchange(shared.url.port, lines)).toBe("400");
  }
  expect(shared.output()).not.toContain("Uncaught");
});

/** Sends `lines` as they are, and gives the status code of the response. */
async function exchange(port: string, lines: readonly string[], host = "127.0.0.1"): Promise<string> {
  const socket = connect(Number(port), host);
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  socket.write(lines.join("\r\n"));
  try {
    return await eventually(
      "the status line",
      () => /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1],
      (listener) => {
        socket.on("data", listener);
        return () => socket.off("data", listener);
      },
    );
  } finally {
    socket.destroy();
  }
}
