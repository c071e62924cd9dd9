// The command line of the self-hosting server.
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { parseOptions } from "../../../src/serve/options.ts";

const DEFAULT_STATE = "/somewhere/serve";

function parse(...args: string[]) {
  return parseOptions(args, DEFAULT_STATE);
}

test("listens on port 8787 of this machine by default", () => {
  expect(parse()).toEqual({ host: "127.0.0.1", port: 8787, state: DEFAULT_STATE, vars: {} });
});

test("each flag sets its option; a relative folder becomes absolute", () => {
  expect(parse("--host", "::1", "--port=0", "--state", "rooms")).toEqual({
    host: "::1",
    port: 0,
    state: resolve("rooms"),
    vars: {},
  });
});

test("a value may be empty or contain =; the last one of a name counts", () => {
  const { vars } = parse("--var", "A=", "--var", "B=1=2", "--var", "C=1", "--var", "C=2");
  expect(vars).toEqual({ A: "", B: "1=2", C: "2" });
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
  [["--var", "NAME"], /^--var takes NAME=VALUE/],
  [["--var", "=VALUE"], /^--var takes NAME=VALUE/],
])("rejects %j with one sentence", (args, sentence) => {
  expect(() => parse(...args)).toThrow(sentence);
  expect(() => parse(...args)).toThrow(/^[^\n]+\.$/);
});
