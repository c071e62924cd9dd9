/** Room: the parts of one room, connected. It knows no runtime: storage, sockets and the clock are passed in. */
import { accept, MAX_PAGE_LENGTH, withoutId } from "../protocol/index.ts";
import { Audience, type HistoryPage } from "./audience.ts";
import type { RoomConfig } from "./config.ts";
import { EntryCheck } from "./entry-check.ts";
import { HttpAccess } from "./http-access.ts";
import { Imports } from "./imports.ts";
import { Log } from "./log.ts";
import type { FileLookup } from "./message-files.ts";
import { Pacing } from "./pacing.ts";
import type { Report } from "./report.ts";
import { Retention } from "./retention.ts";
import { Rules } from "./rules.ts";
import { Searches } from "./searches.ts";
import { Sequencer } from "./sequencer.ts";
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
}

export class Room {
  readonly log: Log;
  readonly rules: Rules;
  readonly audience: Audience;
  readonly http: HttpAccess;
  readonly imports: Imports;
  readonly retention: Retention;
  readonly pacing = new Pacing();
  readonly #sequencer: Sequencer;
  readonly #searches: Searches;
  readonly #onFilesSent: RoomOptions["onFilesSent"];

  constructor({ name, store, config, report, files, onFilesSent }: RoomOptions) {
    const log = new Log(store);
    const rules = new Rules(store, config.adminKey);
    rules.load(!log.isEmpty);
    const check = new EntryCheck(rules);
    const retention = new Retention({ store, log, rules, config, report });
    const sequencer = new Sequencer({ room: name, log, rules, config, report });
    const searches = new Searches(log);
    const audience = new Audience({
      ...{ room: name, log, rules, check, retention, files, config, report },
      submit: (submission) => sequencer.submit(submission),
      search: (search) => searches.add(search),
      history: (seq, limit, onPage) => onPage(accept(historyPage(log, seq, limit))),
    });
    this.log = log;
    this.rules = rules;
    this.retention = retention;
    this.#sequencer = sequencer;
    this.#searches = searches;
    this.audience = audience;
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
    return this.#hasWork || this.retention.isDue ? 0 : this.audience.dueAt;
  }

  /** Whether everyone has left a room that is kept until then: the room must be deleted. */
  get isOver(): boolean {
    return this.retention.isOver && this.audience.online === 0 && !this.#hasWork;
  }

  get #hasWork(): boolean {
    return this.#sequencer.isDue || this.#searches.isDue;
  }

  /** Does what is due: commits the waiting commands and sends everybody what is due to them. `now` is Unix ms. */
  step(now: number): void {
    this.audience.expire(now);
    this.retention.hide(now);
    if (this.pacing.isDraining) return;
    const batch = this.#sequencer.commit(now, this.audience.size);
    const sent = batch.flatMap(({ event }) => (event.type === "message" ? (event.files ?? []) : []));
    if (sent.length > 0) this.#onFilesSent(sent.map(({ id }) => id));
    this.retention.step(now, this.audience.online);
    this.pacing.flushed(this.audience.flush(batch, now));
    // After everyone has got what is due, and before the next commands are committed.
    this.#searches.step();
  }
}

/** Returns the newest `limit` messages and notices before `seq`, or fewer if they are long. */
function historyPage(log: Log, seq: number, limit: number): HistoryPage {
  const { events, more } = log.before(seq, limit, MAX_PAGE_LENGTH);
  return { events: JSON.stringify(events.map(withoutId)), more };
}
