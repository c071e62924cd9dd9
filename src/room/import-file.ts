/** ImportFile: reads an export in the format `jsonl` and checks every line of it. Pure: it stores nothing. */
import * as v from "valibot";
import {
  ExportEnd,
  ExportGap,
  ExportStart,
  MAX_IMPORT_BYTES,
  MAX_IMPORT_LINE_BYTES,
  RoomEvent,
} from "../protocol/index.ts";
import { EventCheck } from "./event-check.ts";

const NEWLINE = 10;

/** ImportError is why a file cannot be imported. */
export class ImportError extends Error {
  /** Number of the wrong line, the first is 1; `null` if the file as a whole is wrong. */
  readonly line: number | null;

  constructor(line: number | null, reason: string) {
    super(line === null ? reason : `line ${line}: ${reason}`);
    this.line = line;
  }
}

/** ImportEntry is an event, or a seq up to which events are missing. */
export type ImportEntry = RoomEvent | { readonly type: "missing"; readonly upTo: number };

export class ImportFile {
  readonly #check: EventCheck;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #start: v.InferOutput<typeof ExportStart> | null = null;
  #hasEnd = false;
  /** Start of a line whose end is not read yet. */
  #rest: Uint8Array = new Uint8Array();
  #bytes = 0;
  #line = 0;
  /** Seq of the last event, or up to which events are missing. */
  #seq = 0;
  /** Seq up to which events may be missing. */
  #gapsUpTo = 0;

  /** @param now - Unix ms */
  constructor(now: number) {
    this.#check = new EventCheck(now);
  }

  /** Title of the exported room. */
  get title(): string | undefined {
    return this.#start?.title;
  }

  /** Reads the lines that `chunk` completes. Throws an ImportError. */
  *read(chunk: Uint8Array): Generator<ImportEntry, void, void> {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_IMPORT_BYTES)
      throw new ImportError(null, `the file is over ${MAX_IMPORT_BYTES} bytes`);
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      const part = chunk.subarray(from, end < 0 ? chunk.length : end);
      if (this.#rest.length + part.length > MAX_IMPORT_LINE_BYTES)
        throw new ImportError(this.#line + 1, `the line is over ${MAX_IMPORT_LINE_BYTES} bytes`);
      const bytes = this.#rest.length === 0 ? part : concat(this.#rest, part);
      if (end < 0) {
        this.#rest = bytes.slice();
        return;
      }
      this.#rest = new Uint8Array();
      from = end + 1;
      const entry = this.#parse(bytes);
      if (entry !== null) yield entry;
    }
  }

  /** Checks that the file is whole. Throws an ImportError. */
  end(): void {
    // An editor can have removed the last line break.
    if (this.#rest.length > 0) this.#parse(this.#rest);
    if (!this.#hasEnd)
      throw new ImportError(this.#line + 1, "the line that ends an export is missing: the file is cut off");
  }

  #parse(bytes: Uint8Array): ImportEntry | null {
    this.#line += 1;
    if (this.#hasEnd) throw this.#error("there is a line after the end of the export");
    const json = this.#json(bytes);
    if (this.#start === null) {
      this.#start = this.#valid(ExportStart, json, "the first line is not that of an export");
      const { seq, pruned } = this.#start;
      if (seq < pruned) throw this.#error("pruned is over seq");
      this.#gapsUpTo = pruned;
      return { type: "missing", upTo: pruned };
    }
    switch (typeOf(json)) {
      case "gap":
        return this.#gap(this.#valid(ExportGap, json, "the gap is not valid"), this.#start.seq);
      case "file":
        // The bytes of files are not imported.
        return null;
      case "end":
        this.#end(this.#valid(ExportEnd, json, "the end is not valid"), this.#start.seq);
        return null;
      default:
        return this.#event(this.#valid(RoomEvent, json, "this is not an event of a room"), this.#start.seq);
    }
  }

  #gap({ after, before }: ExportGap, head: number): ImportEntry {
    if (after !== this.#position || before <= after + 1 || before > head + 1)
      throw this.#error(`a gap after ${this.#position} does not fit here`);
    this.#gapsUpTo = before - 1;
    return { type: "missing", upTo: this.#gapsUpTo };
  }

  #end({ seq, wiped }: ExportEnd, head: number): void {
    if (seq !== this.#position || (seq !== head && wiped !== true))
      throw this.#error(`the export ends at ${seq}, and the event before it has the seq ${this.#position}`);
    this.#hasEnd = true;
  }

  #event(event: RoomEvent, head: number): RoomEvent {
    // Some of the events that are said to be missing may be there.
    const isKept = event.seq > this.#seq && event.seq <= this.#gapsUpTo;
    if ((!isKept && event.seq !== this.#position + 1) || event.seq > head)
      throw this.#error(`the seq is ${event.seq}, where ${this.#position + 1} must follow`);
    this.#seq = event.seq;
    const reason = this.#check.wrong(event);
    if (reason !== null) throw this.#error(reason);
    const { id: _, ...kept } = event;
    return kept;
  }

  /** Seq up to which the file has been read. */
  get #position(): number {
    return Math.max(this.#seq, this.#gapsUpTo);
  }

  #json(bytes: Uint8Array): unknown {
    try {
      return JSON.parse(this.#decoder.decode(bytes));
    } catch {
      throw this.#error("this is not JSON in UTF-8");
    }
  }

  #valid<T extends v.GenericSchema>(schema: T, json: unknown, reason: string): v.InferOutput<T> {
    const parsed = v.safeParse(schema, json, { abortEarly: true });
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    throw this.#error(path === null ? reason : `${reason}: ${path}: ${issue.message}`);
  }

  #error(reason: string): ImportError {
    return new ImportError(this.#line, reason);
  }
}

function typeOf(json: unknown): unknown {
  return typeof json === "object" && json !== null && "type" in json ? json.type : undefined;
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
