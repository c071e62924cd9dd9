// The protocol document names every code and command of the code, and no others.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { CAUSES, CloseCode, ERROR_STATUS, LogCommand, parseCommand } from "../../../src/protocol/index.ts";

const document = await readFile("src/protocol/README.md", "utf8");

/** First cells of the table whose header starts with `header`. */
function rowsOf(header: string): string[] {
  const [, table = ""] = document.split(`\n| ${header} |`);
  const [rows = ""] = table.split("\n\n");
  return Array.from(rows.matchAll(/^\| `?([\w-]+)`? \|/gm), ([, cell = ""]) => cell);
}

test("the table of close codes lists every code", () => {
  expect(rowsOf("close code").map(Number).sort()).toEqual(Object.values(CloseCode).sort());
});

test("the table of errors lists every code", () => {
  expect(rowsOf("`code`").sort()).toEqual(Object.keys(ERROR_STATUS).sort());
});

test("the tables of commands list every command", () => {
  const commands = [...rowsOf("`type` | fields | answer"), ...rowsOf("`type` | fields | who")];
  for (const type of commands) {
    const parsed = parseCommand(JSON.stringify({ type }));
    expect(parsed.ok || parsed.error.message).not.toBe("the type is unknown");
  }
  const logCommands = LogCommand.options.map(({ entries }) => entries.type.literal);
  const others = ["hello", "rename", "typing", "history", "search", "ping"];
  expect(commands.sort()).toEqual([...logCommands, ...others].sort());
});

test("the document names every cause", () => {
  const [, causes = ""] = /^`cause` explains(.*)$/m.exec(document) ?? [];
  for (const cause of CAUSES) if (cause !== "other") expect(causes).toContain(`\`${cause}\``);
});

test("every example in the document is valid", () => {
  const examples = Array.from(document.matchAll(/^> (.*)$/gm), ([, line = ""]) => line);
  expect(examples.length).toBeGreaterThan(0);
  for (const line of examples) expect(parseCommand(line)).toMatchObject({ ok: true });
});
