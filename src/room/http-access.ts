/** HttpAccess: messages posted and pages read over HTTP, without a connection, with their permissions and limits. */
import {
  accept,
  type CommandError,
  cleanName,
  type ErrorCode,
  guestName,
  MAX_PAGE_LENGTH,
  type Message,
  type PostBody,
  parseQuery,
  type Result,
  type RoomEvent,
  reject,
  withoutId,
} from "../protocol/index.ts";
import type { RoomConfig } from "./config.ts";
import type { EntryCheck } from "./entry-check.ts";
import { anonymousUserId, networkId, userId } from "./identity.ts";
import type { Log } from "./log.ts";
import type { Page } from "./log-reader.ts";
import type { FileLookup } from "./message-files.ts";
import { PostLimiter } from "./post-limiter.ts";
import { Limiters, RateLimiter } from "./rate-limit.ts";
import type { Retention } from "./retention.ts";
import type { Rules } from "./rules.ts";
import { type Searches, withoutIds } from "./searches.ts";
import type { Author, Sequencer, Submission } from "./sequencer.ts";

/** LogPage is a page of the log with the log's epoch and head. */
export interface LogPage {
  /** `""` if the room has no log and no client has joined. */
  readonly epoch: string;
  readonly seq: number;
  readonly events: readonly (RoomEvent & { readonly reactionCounts?: Readonly<Record<string, number>> })[];
  readonly more: boolean;
}

/** Caller is the client of a request. */
export interface Caller {
  /** As in `networkOf`; `""` if it is not known. */
  readonly network: string;
  readonly key?: string | undefined;
  /** Proof of the room's password. */
  readonly password?: string | undefined;
}

/** ReadResult is a page, or an error. Two codes exist for reads only. */
export type ReadResult =
  | { readonly ok: true; readonly value: LogPage }
  | {
      readonly ok: false;
      readonly error: Omit<CommandError, "code"> & { readonly code: ErrorCode | "epoch" | "pruned" };
    };

/** SearchResult is a page of matching messages, newest first, with the log's epoch and head. */
export type SearchResult = Result<{ epoch: string; seq: number; events: Message[]; before?: number }>;

/** Reads that one export or import counts as: a whole burst, so that the network waits before the next. */
const READS_PER_EXPORT = 20;
/** Messages of a search that one read covers. */
const MESSAGES_PER_READ = 2_000;
/** Pages that one network may read at once, and each second. */
const READ_BURST = 20;
const READ_RATE = 10;
/** Users listed for one emoji. A message can have 1,000 reactions, and a page 100 messages. */
const MAX_USERS_LISTED = 20;

/** HttpAccessOptions connect HTTP access to its room. */
export interface HttpAccessOptions {
  readonly log: Log;
  readonly sequencer: Sequencer;
  readonly searches: Searches;
  readonly check: EntryCheck;
  readonly retention: Pick<Retention, "hide">;
  readonly rules: Rules;
  /** `null`: the service takes no files. */
  readonly files: FileLookup | null;
  readonly config: RoomConfig;
  /** Whether a user is in the room now. */
  readonly isPresent: (user: string) => boolean;
}

export class HttpAccess {
  readonly #options: HttpAccessOptions;
  readonly #posts: PostLimiter;
  readonly #reads = new Limiters(() => new RateLimiter(READ_RATE, READ_BURST));

  constructor(options: HttpAccessOptions) {
    this.#options = options;
    this.#posts = new PostLimiter(options.config);
  }

  /** Returns why the caller may not enter the room, or `null`. `now` is Unix ms. */
  entryError(caller: Caller, now: number): CommandError | null {
    return this.#entryError(caller, this.#userOf(caller) ?? anonymousUserId(), now);
  }

  /** Submits a posted message. `now` is Unix ms. */
  post(post: PostBody, caller: Caller, onResult: Submission["onResult"], now: number): void {
    const user = this.#userOf({ ...caller, key: post.key ?? caller.key });
    const waitMs = this.#posts.take(caller.network, user, now);
    if (waitMs > 0) {
      onResult(tooFast(waitMs));
      return;
    }
    const author = user ?? anonymousUserId();
    const error = this.#entryError(caller, author, now);
    if (error !== null) {
      onResult({ ok: false, error });
      return;
    }
    const name = cleanName(post.name ?? "") || guestName(author);
    this.#submit(post, { user: author, name }, onResult);
  }

  /** Submits a message once its files are looked up. */
  #submit({ text, id, files }: PostBody, author: Author, onResult: Submission["onResult"]): void {
    const { sequencer, files: lookup } = this.#options;
    const body: Submission["body"] = { type: "message", text, ...(files !== undefined && { files }) };
    const submission = { author: () => author, body, id, isPlain: false, since: null, onResult };
    if (files === undefined || lookup === null) {
      sequencer.submit(submission);
      return;
    }
    const ids = files.map((file) => file.id);
    lookup.describe(ids, author.user, (result) => {
      if (result.ok) sequencer.submit({ ...submission, details: { files: result.value } });
      else onResult(result);
    });
  }

  /** Returns the user and the network, as in `networkId`, of a caller who may upload a file. `now` is Unix ms. */
  mayUpload(caller: Caller, now: number): Result<{ readonly user: string; readonly network: string }> {
    const user = this.#userOf(caller);
    if (user === null) return reject("bad_request", "an upload needs the header Authorization with a key");
    const waitMs = this.#posts.take(caller.network, user, now);
    if (waitMs > 0) return tooFast(waitMs);
    const { sequencer, log } = this.#options;
    const error = this.#entryError(caller, user, now) ?? sequencer.uploadDenied(user, now);
    if (error !== null) return { ok: false, error };
    const { network } = caller;
    return accept({ user, network: network === "" ? "" : networkId(log.secrets.secret, network) });
  }

  /** Returns whether a caller may read the room, and whether all callers may. `now` is Unix ms. */
  mayRead(caller: Caller, now: number): Result<{ readonly forAll: boolean }> {
    const error = this.entryError(caller, now);
    if (error !== null) return { ok: false, error };
    return accept({ forAll: this.#options.rules.isOpenToAll(now) });
  }

  /** Returns the newest `limit` messages and notices before `seq`, or fewer if they are long. `now` is Unix ms. */
  messagesBefore(seq: number, limit: number, caller: Caller, now: number): ReadResult {
    return this.#readError(caller, now) ?? this.#page(this.#options.log.before(seq, limit, MAX_PAGE_LENGTH));
  }

  /** Returns the first `limit` events after `seq`, or fewer if they are long. `now` is Unix ms. */
  eventsAfter(
    seq: number,
    epoch: string | undefined,
    limit: number,
    caller: Caller,
    now: number,
  ): ReadResult {
    const { log } = this.#options;
    const rejected = this.#readError(caller, now);
    if (rejected !== null) return rejected;
    if (epoch !== undefined && epoch !== log.epoch) {
      return { ok: false, error: { code: "epoch", message: "the room's log has another epoch" } };
    }
    if (seq < log.pruned) {
      return { ok: false, error: { code: "pruned", message: "some of the events after this seq are gone" } };
    }
    return this.#page(log.after(seq, limit, MAX_PAGE_LENGTH));
  }

  /** Searches messages before `seq`. Resolves after the scan. `now` is Unix ms. */
  search(q: string, seq: number, limit: number, caller: Caller, now: number): Promise<SearchResult> {
    const rejected = this.#readError(caller, now);
    const query = parseQuery(q);
    if (rejected !== null) return Promise.resolve(rejected);
    if (!query.ok) return Promise.resolve(query);
    const { log, searches } = this.#options;
    return new Promise((resolve) => {
      searches.add({
        ...{ query: query.value, before: seq, limit },
        isWanted: () => true,
        onResult: (result, looked) => {
          if (caller.network !== "")
            this.#reads.of(caller.network).charge(Math.floor(looked / MESSAGES_PER_READ), now);
          resolve(
            result.ok ? accept({ epoch: log.epoch, seq: log.head, ...withoutIds(result.value) }) : result,
          );
        },
      });
    });
  }

  /** Begins an export: returns the part of the log that it has, or why the caller may not read it. `now` is Unix ms. */
  startExport(caller: Caller, now: number): Result<{ epoch: string; seq: number; pruned: number }> {
    const rejected = this.#readError(caller, now);
    if (rejected !== null) return rejected;
    if (caller.network !== "") this.#reads.of(caller.network).charge(READS_PER_EXPORT - 1, now);
    const { log } = this.#options;
    const [newest] = log.newestSince(0, 1);
    // After an import, the export is the same file again.
    const seq = newest?.type === "import" ? newest.seq - 1 : log.head;
    return accept({ epoch: log.epoch, seq, pruned: log.pruned });
  }

  /** Begins an import: returns why the caller has to wait, or `null`. `now` is Unix ms. */
  startImport({ network }: Caller, now: number): Result<never> | null {
    if (network === "") return null;
    const reads = this.#reads.of(network);
    const waitMs = reads.take(now);
    if (waitMs > 0) return tooFast(waitMs);
    reads.charge(READS_PER_EXPORT - 1, now);
    return null;
  }

  #userOf({ key }: Pick<Caller, "key">): string | null {
    return key === undefined ? null : userId(this.#options.log.secrets.secret, key);
  }

  #entryError({ network, password }: Caller, user: string, now: number): CommandError | null {
    const { log, check, isPresent } = this.#options;
    const id = network === "" ? null : networkId(log.secrets.secret, network);
    const error = check.check({ user, network: id, isPresent: isPresent(user), password }, now);
    if (error !== "waits") return error?.error ?? null;
    const message = "a moderator has to let you in: enter the room with this key first";
    return { code: "forbidden", message, cause: "waiting" };
  }

  /** Takes a token for a read and checks the caller. An unknown network has no limit. */
  #readError(caller: Caller, now: number): Result<never> | null {
    this.#options.retention.hide(now);
    const waitMs = caller.network === "" ? 0 : this.#reads.of(caller.network).take(now);
    if (waitMs > 0) return tooFast(waitMs);
    const error = this.entryError(caller, now);
    return error === null ? null : { ok: false, error };
  }

  #page({ events, more }: Page): ReadResult {
    const { epoch, head: seq } = this.#options.log;
    const shown = events.map((event) => withReactionCounts(withoutId(event)));
    return { ok: true, value: { epoch, seq, events: shown, more } };
  }
}

/** Shortens long lists of reactions and adds the number of all users for each emoji that was shortened. */
function withReactionCounts<E extends RoomEvent>(event: E): LogPage["events"][number] {
  if (event.type !== "message") return event;
  const { reactions = {} }: Message = event;
  const long = Object.entries(reactions).filter(([, users]) => users.length > MAX_USERS_LISTED);
  if (long.length === 0) return event;
  const listed = long.map(([emoji, users]) => [emoji, users.slice(0, MAX_USERS_LISTED)] as const);
  const counts = long.map(([emoji, users]) => [emoji, users.length] as const);
  return {
    ...event,
    reactions: { ...reactions, ...Object.fromEntries(listed) },
    reactionCounts: Object.fromEntries(counts),
  };
}

function tooFast(waitMs: number): Result<never> {
  return reject("rate_limited", `too fast, try again in ${waitMs} ms`, waitMs);
}
