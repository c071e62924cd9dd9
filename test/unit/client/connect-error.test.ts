// A connection that cannot succeed: its reason, asked over HTTP, and the bound of attempts.
import { describe, expect, test, vi } from "vitest";
import type { ConnectError, FetchLike } from "../../../src/client/index.ts";
import { ClientRig } from "../../helpers/client-rig.ts";

/** A `fetch` with one answer, or a network error without one. */
function fakeFetch(answer?: { status: number; text?: string }): FetchLike {
  return async () => {
    if (answer === undefined) throw new TypeError("fetch failed");
    const { status, text = "" } = answer;
    return new Response(text, { status, headers: { "Content-Type": "text/plain; charset=utf-8" } });
  };
}

/** Returns the next `connectError` of a client. */
function nextError({ client }: ClientRig): Promise<ConnectError> {
  return new Promise((done) => {
    client.once("connectError", done);
  });
}

/** Lets the newest attempt fail as browsers and Node report it, and returns its error. */
async function failAttempt(rig: ClientRig): Promise<ConnectError> {
  const error = nextError(rig);
  rig.socket.drop(1006);
  return error;
}

describe("the first connection", () => {
  test.each([
    [{ status: 404, text: "no such page\n" }, 'is not a chat socket: the server answers 404, "no such page"'],
    [{ status: 200 }, "is not a chat socket: the server answers 200"],
    [{ status: 503 }, "is not available: the server answers 503"],
    [{ status: 426 }, "ALLOWED_ORIGINS"],
    [undefined, "cannot be reached"],
  ])("fails with what HTTP says: %o", async (answer, message) => {
    const rig = new ClientRig({ fetch: fakeFetch(answer) });
    rig.client.connect();
    const error = await failAttempt(rig);
    expect(error).toMatchObject({ attempts: 1, code: 1006, willReconnect: true });
    expect(error.message).toContain(message);
    expect(error.message).toContain("https://chat.example/ws/demo");
  });

  test("fails with a hint if only another origin could read the answer", async () => {
    const fetch: FetchLike = async (_url, init) => {
      if (init === undefined || !("mode" in init)) throw new TypeError("blocked by CORS");
      return new Response();
    };
    const rig = new ClientRig({ fetch });
    rig.client.connect();
    expect((await failAttempt(rig)).message).toContain("can be reached");
  });

  test("is given up after three answers that the URL is wrong", async () => {
    const rig = new ClientRig({ fetch: fakeFetch({ status: 404 }) });
    const connected = rig.client.connect();
    for (const attempts of [1, 2, 3]) {
      expect(await failAttempt(rig)).toMatchObject({ attempts, willReconnect: attempts < 3 });
      rig.client.reconnectNow();
    }
    expect(rig.client.state).toMatchObject({ connection: "closed", closeCode: 1006 });
    expect(rig.sockets).toBe(3);
    await expect(connected).rejects.toThrow("is not a chat socket");
  });

  test.each([{ status: 200 }, { status: 429 }, { status: 503 }, { status: 426 }])(
    "is tried again after %o",
    async (answer) => {
      const rig = new ClientRig({ fetch: fakeFetch(answer) });
      rig.client.connect();
      for (let attempt = 0; attempt < 5; attempt += 1) {
        expect(await failAttempt(rig)).toMatchObject({ willReconnect: true });
        rig.client.reconnectNow();
      }
      expect(rig.client.state.connection).toBe("connecting");
    },
  );
});

test("after the first welcome, an attempt fails without a request over HTTP", async () => {
  const fetch = vi.fn(fakeFetch({ status: 404 }));
  const rig = new ClientRig({ fetch }).join();
  rig.socket.drop();
  rig.client.reconnectNow();
  expect((await failAttempt(rig)).message).toContain("failed with code 1006");
  expect(fetch).not.toHaveBeenCalled();
});

test("the room's reason is the message", async () => {
  const rig = new ClientRig();
  rig.client.connect();
  const error = nextError(rig);
  rig.socket.drop(4502, "the room is full");
  expect(await error).toEqual({ attempts: 1, code: 4502, message: "the room is full", willReconnect: false });
});

test("a lost connection and a close are no failed attempts", () => {
  const rig = new ClientRig();
  const listener = vi.fn();
  rig.client.on("connectError", listener);
  rig.client.connect();
  rig.client.close();
  rig.join();
  rig.socket.drop();
  rig.client.close();
  expect(listener).not.toHaveBeenCalled();
});

test("`maxAttempts` bounds the attempts in a row", () => {
  const rig = new ClientRig({ maxAttempts: 2 });
  rig.client.connect();
  rig.socket.drop();
  rig.client.reconnectNow();
  rig.welcome();
  rig.socket.drop();
  rig.client.reconnectNow();
  rig.socket.drop();
  expect(rig.client.state.connection).toBe("waiting");
  rig.client.reconnectNow();
  rig.socket.drop();
  expect(rig.client.state.connection).toBe("closed");
  rig.client.connect();
  expect(rig.client.state.connection).toBe("connecting");
});
