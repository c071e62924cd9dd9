/** Audience parts: what the parts of one audience share. */
import type { Result } from "../protocol/index.ts";
import type { RoomConfig } from "./config.ts";
import type { Connections } from "./connections.ts";
import type { EntryCheck } from "./entry-check.ts";
import type { HistoryPage, RoomLog } from "./log-reader.ts";
import type { FileLookup } from "./message-files.ts";
import type { PendingOutput } from "./pending-output.ts";
import type { Presence } from "./presence.ts";
import type { RecentEvents } from "./recent-events.ts";
import type { Report } from "./report.ts";
import type { Retention } from "./retention.ts";
import type { Rules } from "./rules.ts";
import type { Search } from "./searches.ts";
import type { Submission } from "./sequencer.ts";
import type { StateLines } from "./state-lines.ts";
import type { Typing } from "./typing.ts";
import type { WaitingList } from "./waiting-list.ts";

/** AudienceOptions connect an audience to its room. */
export interface AudienceOptions {
  /** Name of the room. */
  readonly room: string;
  readonly log: RoomLog;
  readonly rules: Rules;
  readonly check: EntryCheck;
  readonly retention: Pick<Retention, "hide">;
  /** `null`: the service takes no files. */
  readonly files: FileLookup | null;
  readonly config: RoomConfig;
  readonly report: Report;
  /** Called with each log command that passed the checks of its connection. */
  readonly submit: (submission: Submission) => void;
  /** Called with each search that passed the checks of its connection. */
  readonly search: (search: Search) => void;
  /** Reads the newest `limit` messages and notices before `seq`, or fewer if they are long. */
  readonly history: (seq: number, limit: number, onPage: (page: Result<HistoryPage>) => void) => void;
  /**
   * Calls `done` once this object has all events that are committed now. Absent where it always has them. A client that
   * resumes may have received events that this object has not, and may wait for results from another object.
   */
  readonly catchUp?: (done: () => void) => void;
}

/** AudienceParts are the state of an audience. Each object changes only what it owns. */
export interface AudienceParts extends AudienceOptions {
  readonly connections: Connections;
  readonly presence: Presence;
  readonly typing: Typing;
  readonly recent: RecentEvents;
  readonly output: PendingOutput;
  readonly stateLines: StateLines;
  readonly waitingList: WaitingList;
}
