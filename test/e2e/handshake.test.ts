// The WebSocket handshake as bytes and headers: what is accepted, what is refused, in which order, with what words.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { handshake, openChat, openPlain, UPGRADE } from "../helpers/raw-socket.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { eventually } from "../helpers/wait.ts";

const FRIEND = "https://friend.example";

let service: Service;
beforeAll(async () => {
  service = await startServe({ vars: { ALLOWED_ORIGINS: `https://other.example, ${FRIEND}` } });
});
afterAll(() => service?.stop());

/** Handshake at `path` with headers besides, or instead of, those that any server must accept. */
async function shake(path: string, headers: Record<string, string> = {}, method = "GET") {
  const answer = await handshake(service.url, path, { ...UPGRADE, ...headers }, method);
  answer.socket?.destroy();
  return answer;
}

test("the bytes of a handshake are answered with the accept value of RFC 6455", async () => {
  const request = [
    "GET /ws HTTP/1.1",
    `Host: ${service.url.host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: 2e1HXejEZhjvYEEVOEE79g==",
    "Sec-WebSocket-Version: 13",
  ];
  const socket = connect(Number(service.url.port), service.url.hostname);
  let answer = "";
  socket.setEncoding("latin1").on("data", (bytes: string) => {
    answer += bytes;
  });
  socket.write(`${request.join("\r\n")}\r\n\r\n`);
  await eventually(
    "the end of the answer's head",
    () => answer.includes("\r\n\r\n"),
    (listener) => {
      socket.on("data", listener);
      return () => socket.off("data", listener);
    },
  );
  socket.destroy();
  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  expect(answer).toMatch(/^upgrade: websocket\r$/im);
  expect(answer).toMatch(/^connection: upgrade\r$/im);
  expect(answer).toMatch(/^sec-websocket-accept: WPaVPwi6nk4cFFxS8NJ3BIwAtNE=\r$/im);
});

test("of several subprotocols the known one is chosen, and without any there is none", async () => {
  expect((await shake("/ws", { "Sec-WebSocket-Protocol": "chat.v2, chat.v1" })).headers).toMatchObject({
    "sec-websocket-protocol": "chat.v1",
  });
  expect((await shake("/ws")).headers).not.toHaveProperty("sec-websocket-protocol");
});

test("pages of the service itself and of allowed origins may connect, and so may what is no page", async () => {
  expect((await shake("/ws")).status).toBe(101);
  expect((await shake("/ws", { Origin: service.url.origin })).status).toBe(101);
  expect((await shake("/ws", { Origin: FRIEND })).status).toBe(101);
});

test.each(["null", "https://stranger.example", `${FRIEND}.evil.example`, "http://friend.example"])(
  "a page of the origin %s may not connect",
  async (origin) => {
    const answer = await shake("/ws/demo", { Origin: origin });
    expect(answer).toMatchObject({ status: 403, body: "pages of this origin may not connect\n" });
  },
);

test.each([
  "/ws/",
  "/ws/%FF",
  "/ws/a%2Fb",
  "/ws/a/b",
  "/ws/a%20b",
  "/ws/%F0%9F%8E%89",
  `/ws/${"a".repeat(65)}`,
])("%s names no room", async (path) => {
  expect(await shake(path)).toMatchObject({ status: 400, body: "the room name is invalid\n" });
});

test("spellings of one room's name lead to one room", async () => {
  const composed = await openPlain(new URL("/ws/Caf%C3%89", service.socket()));
  const decomposed = await openPlain(new URL("/ws/cafe%CC%81", service.socket()));
  decomposed.say("same room");
  expect(await composed.nextLine()).toBe("same room");
  await Promise.all([composed.close(), decomposed.close()]);
});

test("the address without a room's name is the lobby's", async () => {
  const socket = await openChat(service.socket());
  expect(socket.welcome.room).toBe("lobby");
  await socket.close();
});

/** Every refusal, in the order in which they are tried, and what a request does to deserve it. */
const REFUSALS = [
  {
    fault: { method: "POST" },
    status: 405,
    body: "a WebSocket is opened with GET\n",
    header: ["allow", "GET"],
  },
  // Its header `Upgrade: websocket` does not arrive: the runtime keeps that name for itself.
  { fault: { Upgrade: "h2c" }, status: 426, body: "this address speaks WebSocket\n" },
  {
    fault: { "Sec-WebSocket-Version": "8" },
    status: 400,
    body: "the WebSocket version must be 13\n",
    header: ["sec-websocket-version", "13"],
  },
  { fault: { path: "/ws/a%20b" }, status: 400, body: "the room name is invalid\n" },
  {
    fault: { Origin: "https://stranger.example" },
    status: 403,
    body: "pages of this origin may not connect\n",
  },
  {
    fault: { "Sec-WebSocket-Protocol": "chat.v0" },
    status: 400,
    body: "the subprotocol must be chat.v1, or none\n",
  },
] as const;

describe.each(REFUSALS.map((refusal, index) => ({ ...refusal, index })))(
  "$status $body",
  ({ index, fault, status, body, ...expected }) => {
    const check = async (faults: Record<string, string>) => {
      const { method = "GET", path = "/ws/demo", ...headers } = faults;
      const answer = await shake(path, headers, method);
      expect(answer).toMatchObject({ status, body });
      expect(answer.headers["content-type"]).toMatch(/^text\/plain/);
      if ("header" in expected) expect(answer.headers[expected.header[0]]).toBe(expected.header[1]);
    };

    test(`answers ${JSON.stringify(fault)}`, () => check(fault));

    test("goes before the refusals that come after it", async () => {
      await check(Object.assign({}, ...REFUSALS.slice(index).map((refusal) => refusal.fault)));
    });
  },
);
