// The WebSocket handshake, as bytes and headers: what is accepted, and in which order faults are rejected.
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

/** Sends a valid handshake to `path`, with additional or different headers. */
async function shake(path: string, headers: Record<string, string> = {}, method = "GET") {
  const answer = await handshake(service.url, path, { ...UPGRADE, ...headers }, method);
  answer.socket?.destroy();
  return answer;
}

test("answers with the accept value of RFC 6455", async () => {
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

test("selects chat.v1 among several subprotocols, and none if none is offered", async () => {
  expect((await shake("/ws", { "Sec-WebSocket-Protocol": "chat.v2, chat.v1" })).headers).toMatchObject({
    "sec-websocket-protocol": "chat.v1",
  });
  expect((await shake("/ws")).headers).not.toHaveProperty("sec-websocket-protocol");
});

test("accepts its own origin, allowed origins and requests without an origin", async () => {
  expect((await shake("/ws")).status).toBe(101);
  expect((await shake("/ws", { Origin: service.url.origin })).status).toBe(101);
  expect((await shake("/ws", { Origin: FRIEND })).status).toBe(101);
});

test.each(["null", "https://stranger.example", `${FRIEND}.evil.example`, "http://friend.example"])(
  "rejects the origin %s",
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
])("rejects the room name in %s", async (path) => {
  expect(await shake(path)).toMatchObject({ status: 400, body: "the room name is invalid\n" });
});

test("opens one room for all spellings of its name", async () => {
  const composed = await openPlain(new URL("/ws/Caf%C3%89", service.socket()));
  const decomposed = await openPlain(new URL("/ws/cafe%CC%81", service.socket()));
  decomposed.say("same room");
  expect(await composed.nextLine()).toBe("same room");
  await Promise.all([composed.close(), decomposed.close()]);
});

test("opens the lobby at /ws", async () => {
  const socket = await openChat(service.socket());
  expect(socket.welcome.room).toBe("lobby");
  await socket.close();
});

/** Faults in the order in which they are checked, with the expected answers. */
const FAULTS = [
  {
    fault: { method: "POST" },
    status: 405,
    body: "a WebSocket is opened with GET\n",
    header: ["allow", "GET"],
  },
  // The runtime removes the header `Upgrade: websocket` from this answer.
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

describe.each(FAULTS.map((row, index) => ({ ...row, index })))(
  "$status $body",
  ({ index, fault, status, body, ...expected }) => {
    const check = async (faults: Record<string, string>) => {
      const { method = "GET", path = "/ws/demo", ...headers } = faults;
      const answer = await shake(path, headers, method);
      expect(answer).toMatchObject({ status, body });
      expect(answer.headers["content-type"]).toMatch(/^text\/plain/);
      if ("header" in expected) expect(answer.headers[expected.header[0]]).toBe(expected.header[1]);
    };

    test(`rejects ${JSON.stringify(fault)}`, () => check(fault));

    test("takes precedence over all later faults", async () => {
      await check(Object.assign({}, ...FAULTS.slice(index).map((row) => row.fault)));
    });
  },
);
