// The command line of the self-hosting server.
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { hostNames } from "../../../src/serve/address.ts";
import { parseOptions } from "../../../src/serve/options.ts";

const DEFAULT_STATE = "/somewhere/serve";

function parse(...args: string[]) {
  return parseOptions(args, DEFAULT_STATE);
}

test("listens on port 8787 of this machine by default", () => {
  expect(parse()).toEqual({
    help: false,
    host: "127.0.0.1",
    port: 8787,
    state: DEFAULT_STATE,
    minFree: 64e6,
    workers: 1,
    vars: {},
    allowHosts: [],
    trustProxies: [],
  });
});

test("each flag sets its option; a relative folder becomes absolute", () => {
  expect(parse("--host", "::1", "--port=0", "--state", "rooms")).toMatchObject({
    host: "::1",
    port: 0,
    state: resolve("rooms"),
    vars: {},
  });
});

test.each([
  ["0", 0],
  ["500", 500e6],
])("--min-free %s is %d bytes", (text, bytes) => {
  expect(parse("--min-free", text).minFree).toBe(bytes);
});

test.each(["", "-1", "1.5", "64MB"])("rejects --min-free=%s", (text) => {
  expect(() => parse(`--min-free=${text}`)).toThrow(`--min-free takes a number of megabytes, not "${text}".`);
});

test("a value may be empty or contain =; the last one of a name counts", () => {
  const { vars } = parse("--var", "A=", "--var", "B=1=2", "--var", "C=1", "--var", "C=2");
  expect(vars).toEqual({ A: "", B: "1=2", C: "2" });
});

test("host names become lower case; subnets stay as they are", () => {
  const { allowHosts, trustProxies } = parse(
    ...["--allow-host", "Chat.Example", "--allow-host", "[::1]"],
    ...["--trust-proxy", "192.0.2.0/24", "--trust-proxy", "2001:db8::1"],
  );
  expect(allowHosts).toEqual(["chat.example", "[::1]"]);
  expect(trustProxies).toEqual(["192.0.2.0/24", "2001:db8::1"]);
});

test.each([
  [["--prot", "80"], /^Unknown option '--prot'/],
  [["8787"], /^Unexpected argument '8787'/],
  [["--port"], /^Option '--port <value>' argument missing/],
  [["--port", "--host", "x"], /^Option '--port' argument is ambiguous/],
  [["--port", ""], /^--port takes a number/],
  [["--port", "http"], /^--port takes a number/],
  [["--port", "65536"], /^--port takes a number/],
  [["--port", "-1"], /^Option '--port' argument is ambiguous/],
  [["--port", "80.5"], /^--port takes a number/],
  [["--host", ""], /^--host needs/],
  [["--state", ""], /^--state needs/],
  [["--allow-host", "chat.example:80"], /^--allow-host takes a host name without a port/],
  [["--trust-proxy", "proxy.example"], /^--trust-proxy takes an address/],
  [["--trust-proxy", "192.0.2.0/33"], /^--trust-proxy takes an address/],
  [["--trust-proxy", "192.0.2.0/"], /^--trust-proxy takes an address/],
  [["--var", "NAME"], /^--var takes NAME=VALUE/],
  [["--var", "=VALUE"], /^--var takes NAME=VALUE/],
])("rejects %j with one sentence", (args, sentence) => {
  expect(() => parse(...args)).toThrow(sentence);
  expect(() => parse(...args)).toThrow(/^[^\n]+\.$/);
});

test("a server on a loopback address answers only for known host names", () => {
  expect(hostNames("localhost", "127.0.0.1", [])).toContain("localhost");
  expect(hostNames("::1", "::1", ["chat.example"])).toEqual(
    expect.arrayContaining(["[::1]", "chat.example"]),
  );
  expect(hostNames("0.0.0.0", "0.0.0.0", [])).toBeNull();
  expect(hostNames("0.0.0.0", "0.0.0.0", ["chat.example"])).toContain("chat.example");
});

test("takes 1 to 32 workers", () => {
  expect(parse("--workers", "1").workers).toBe(1);
  for (const wrong of ["0", "33", "two", "-1"])
    expect(() => parse(`--workers=${wrong}`)).toThrow("--workers takes a number from 1 to 32");
});

test("takes more than one worker only on Linux", () => {
  const workers = () => parse("--workers", "2").workers;
  if (process.platform === "linux") expect(workers()).toBe(2);
  else expect(workers).toThrow("only on Linux");
});
