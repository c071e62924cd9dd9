/**
 * Feed: what a room and its relays send each other. A relay is another object that serves a part of the room's
 * connections. Everything here is plain data, because it passes between objects.
 */
import type { EventBody, Result, RoomEvent } from "../protocol/index.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { RoomSecrets } from "./identity.ts";
import type { HistoryPage } from "./log-reader.ts";
import type { Details, RulesSnapshot } from "./rules.ts";
import type { FoundPage, Search } from "./searches.ts";
import type { Receipt } from "./sequencer.ts";

/** FeedEntry is a committed event. */
export interface FeedEntry {
  /** The event as a line for all users. */
  readonly line: string;
  /** Id of the command. */
  readonly id?: string;
  /** Its author is in plain mode. */
  readonly isPlain?: true;
}

/** FeedState is what a relay must know beside the events. */
export interface FeedState {
  readonly epoch: string;
  /** Whether the log is stored: if not, sockets keep the room's secrets. */
  readonly isStored: boolean;
  /** Seq of the newest event. */
  readonly head: number;
  /** Seq up to which events may be missing. */
  readonly pruned: number;
  /** Seq of the oldest message or notice, or `null`. */
  readonly oldestMessage: number | null;
  /** The relay shall move its connections elsewhere. */
  readonly isDraining: boolean;
}

/** FeedResult is the answer to the command with this number. */
export interface FeedResult {
  readonly ref: number;
  readonly result: Result<Receipt>;
}

/** Delivery is what a room sends to a relay, once: the results and the events of the same commits. */
export interface Delivery {
  /** Attachment that it belongs to. */
  readonly session: string;
  /** 1, 2, 3 in each session. A relay that misses one attaches anew. */
  readonly number: number;
  /** Head of the log before `entries`. */
  readonly prev: number;
  readonly entries: readonly FeedEntry[];
  readonly results: readonly FeedResult[];
  readonly state: FeedState;
  /** The connections in other objects, if they have changed. */
  readonly elsewhere?: Elsewhere;
  /** The rules, if they have changed. */
  readonly rules?: RulesSnapshot;
  /** The session ends: with the next events the room calls the relay. Both may hibernate. */
  readonly isLast?: true;
}

/** Position is a place in one log. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** AttachRequest is how a relay begins a session. */
export interface AttachRequest {
  readonly relay: string;
  /** The room's secrets if the relay's sockets keep them. */
  readonly secrets: RoomSecrets | null;
  /** Up to where the relay has the log, or `null` if it has nothing in memory. */
  readonly has: Position | null;
  readonly here: Elsewhere;
}

export interface AttachAnswer {
  readonly session: string;
  readonly secrets: RoomSecrets;
  readonly state: FeedState;
  readonly elsewhere: Elsewhere;
  readonly rules: RulesSnapshot;
  /** The events after `has` up to the head, or the newest events, with the ids of their commands. */
  readonly events: readonly RoomEvent[];
  /** `events` has every event after `has`. */
  readonly isContinued: boolean;
}

/** RelayCommand is a log command of a relay's connection. */
export interface RelayCommand {
  /** Number of the command in its relay. */
  readonly ref: number;
  readonly user: string;
  readonly name: string;
  readonly body: EventBody;
  readonly id: string | undefined;
  readonly isPlain: boolean;
  /** Time when the author came to the room, Unix ms; `null` if it is not known. */
  readonly since: number | null;
  readonly details: Omit<Details, "present">;
}

/** Acquaintance is what an object knows of a user whose connections it serves. */
export interface Acquaintance {
  readonly name: string | undefined;
  /** As in `networkId`. */
  readonly networks: readonly string[];
}

/** RelayCalls are what a room asks of a relay. */
export interface RelayCalls {
  /**
   * Makes the relay attach, unless it has a session. Resolves with its session once it has one.
   *
   * @param ended - a session that has ended
   */
  wake(ended: string | null): Promise<string | null>;
  /** Ids of the users whose connections it serves. */
  users(): Promise<readonly string[]>;
  about(user: string): Promise<Acquaintance>;
}

/** RelaySink takes the deliveries of one session. */
export interface RelaySink extends Partial<Disposable> {
  /** Resolves once the relay has taken the delivery. */
  deliver(delivery: Delivery): Promise<void>;
}

/** RoomCalls are what a relay asks of its room. */
export interface RoomCalls {
  attach(request: AttachRequest, sink: RelaySink): Promise<AttachAnswer>;
  /** Returns whether the commands were taken: not if the session has ended. Their results are delivered. */
  submit(relay: string, session: string, commands: readonly RelayCommand[]): Promise<boolean>;
  /** Takes a change of what the relay has. */
  report(relay: string, here: Elsewhere): Promise<void>;
  /** Head of the log. */
  head(): Promise<Position>;
  history(seq: number, limit: number): Promise<HistoryPage>;
  search(search: Pick<Search, "query" | "before" | "limit">): Promise<SearchAnswer>;
}

/** SearchAnswer is the result of a search with the number of messages that were looked at. */
export interface SearchAnswer {
  readonly result: Result<FoundPage>;
  readonly looked: number;
}
