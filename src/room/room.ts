/** Room: the parts of one room, connected. It knows no runtime: storage, sockets and the clock are passed in. */
import { accept, MAX_PAGE_LENGTH, withoutId } from "../protocol/index.ts";
import { Audience } from "./audience.ts";
import type { RoomConfig } from "./config.ts";
import type { Connection } from "./connection.ts";
import { EntryCheck } from "./entry-check.ts";
import { HttpAccess } from "./http-access.ts";
import { Imports } from "./imports.ts";
import { Log } from "./log.ts";
import type { HistoryPage } from "./log-reader.ts";
import type { FileLookup } from "./message-files.ts";
import { Moving } from "./moving.ts";
import { Pacing } from "./pacing.ts";
import { mergeAcquaintances, Relays, type RelaysOptions } from "./relays.ts";
import type { Report } from "./report.ts";
import { Retention } from "./retention.ts";
import { Rules } from "./rules.ts";
import { type Search, Searches } from "./searches.ts";
import { Sequencer, type Submission } from "./sequencer.ts";
import type { Store } from "./store.ts";

export interface RoomOptions {
  readonly name: string;
  readonly store: Store;
  readonly config: RoomConfig;
  readonly report: Report;
  /** Finds uploaded files; `null`: the service takes none. */
  readonly files: FileLookup | null;
  /** Called when messages with these files are committed. */
  readonly onFilesSent: (ids: readonly string[]) => void;
  /** How the room reaches its relays; absent: it has none. */
  readonly relays?: Omit<RelaysOptions, "log" | "rules" | "config">;
}

/** Commands whose details depend on people whose connections may be in relays. */
const ABOUT_PEOPLE: ReadonlySet<string> = new Set(["settings", "role", "mute", "ban", "remove", "admit"]);

export class Room {
  readonly log: Log;
  readonly rules: Rules;
  readonly audience: Audience;
  readonly http: HttpAccess;
  readonly imports: Imports;
  readonly retention: Retention;
  readonly relays: Relays | null;
  readonly pacing = new Pacing();
  readonly #moving = new Moving();
  readonly #sequencer: Sequencer;
  readonly #searches: Searches;
  readonly #onFilesSent: RoomOptions["onFilesSent"];
  readonly #onChange: () => void;

  constructor({ name, store, config, report, files, onFilesSent, relays }: RoomOptions) {
    const log = new Log(store);
    const rules = new Rules(store, config.adminKey);
    rules.load(!log.isEmpty);
    const check = new EntryCheck(rules);
    const retention = new Retention({ store, log, rules, config, report });
    const sequencer = new Sequencer({ room: name, log, rules, config, report });
    const searches = new Searches(log);
    const audience = new Audience({
      ...{ room: name, log, rules, check, retention, files, config, report },
      submit: (submission) => this.submit(submission),
      search: (search) => this.search(search),
      history: (seq, limit, onPage) => onPage(accept(this.history(seq, limit))),
    });
    this.log = log;
    this.rules = rules;
    this.retention = retention;
    this.#sequencer = sequencer;
    this.#searches = searches;
    this.#onChange = relays?.onChange ?? (() => {});
    this.audience = audience;
    this.relays = relays === undefined ? null : new Relays({ ...relays, log, rules, config }, audience);
    const isPresent = (user: string) => audience.isPresent(user);
    this.imports = new Imports({ store, log, rules, sequencer, config, report });
    this.http = new HttpAccess({
      log,
      sequencer,
      searches,
      check,
      rules,
      retention,
      files,
      config,
      isPresent,
    });
    this.#onFilesSent = onFilesSent;
  }

  /** Time when `step` has something to do, Unix ms, or `null`. While a flush drains it has nothing to do. */
  get dueAt(): number | null {
    if (this.pacing.isDraining) return null;
    if (this.#hasWork || this.retention.isDue) return 0;
    const due = [this.audience.dueAt, this.relays?.dueAt ?? null].filter((at) => at !== null);
    if (this.#movesAll) due.push(this.#moving.dueAt);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Whether everyone has left a room that is kept until then: the room must be deleted. */
  get isOver(): boolean {
    return this.retention.isOver && this.audience.online === 0 && !this.#hasWork;
  }

  /** Whether it has connections that belong in relays. */
  get #movesAll(): boolean {
    return this.audience.resumable > 0 && this.relays?.takeAll === true;
  }

  get #hasWork(): boolean {
    return this.#sequencer.isDue || this.#searches.isDue;
  }

  receive(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    this.audience.receive(connection, frame, now);
  }

  /** Queues a log command for the next commit. */
  submit(submission: Submission): void {
    if (this.relays?.exist && ABOUT_PEOPLE.has(submission.body.type)) void this.#submitWithPeople(submission);
    else this.#sequencer.submit(submission);
  }

  /** Starts a search. */
  search(search: Search): void {
    this.#searches.add(search);
  }

  /** Reads the newest `limit` messages and notices before `seq`, or fewer if they are long. */
  history(seq: number, limit: number): HistoryPage {
    const { events, more } = this.log.before(seq, limit, MAX_PAGE_LENGTH);
    return { events: JSON.stringify(events.map(withoutId)), more };
  }

  /** Does what is due: commits the waiting commands and flushes the connections. `now` is Unix ms. */
  step(now: number): void {
    this.audience.expire(now);
    this.retention.hide(now);
    if (this.pacing.isDraining) return;
    const batch = this.#sequencer.commit(now, Math.max(this.audience.size, this.relays?.largest ?? 0));
    const sent = batch.flatMap(({ event }) => (event.type === "message" ? (event.files ?? []) : []));
    if (sent.length > 0) this.#onFilesSent(sent.map(({ id }) => id));
    // A relay that has not reported its connections yet may have some.
    this.retention.step(now, this.audience.online + (this.relays?.isBehind ? 1 : 0));
    // The relays work while the room sends.
    this.relays?.publish(batch, now);
    if (this.#movesAll) this.#moving.step(this.audience, true, now);
    const frames = this.audience.flush(batch, now);
    // Commands that come until the batch is durable are committed together.
    this.pacing.flushed(frames + (batch.length > 0 ? (this.relays?.size ?? 0) : 0));
    // After everyone has got what is due, and before the next commands are committed.
    this.#searches.step();
  }

  /** Submits a command with what the relays know of the users that it is about. */
  async #submitWithPeople(submission: Submission): Promise<void> {
    const { body, details = {} } = submission;
    const ask = this.relays?.ask.bind(this.relays);
    if (ask === undefined) return;
    if ("member" in body) {
      const { member } = body;
      const parts = [this.audience.about(member), ...(await ask((relay) => relay.about(member)))];
      const { name, networks } = mergeAcquaintances(parts);
      const isBan = body.type === "ban";
      this.#sequencer.submit({
        ...submission,
        details: { ...details, memberName: details.memberName ?? name, ...(isBan && { networks }) },
      });
    } else {
      const users = (await ask((relay) => relay.users())).flat();
      const present = () => [...new Set([...this.audience.users, ...users])];
      this.#sequencer.submit({ ...submission, details: { ...details, present } });
    }
    this.#onChange();
  }
}
