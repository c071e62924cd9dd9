/** Room replica: the client's copy of the room, changed by the server's lines and by own commands. */
import { splitLines } from "../protocol/frame.ts";
import { LIMITS } from "../protocol/limits.ts";
import { keptDays } from "../protocol/retention.ts";
import {
  type ErrorLine,
  type LogEntry,
  type PresenceLine,
  parseServerLine,
  type ServerLine,
  type WelcomeLine,
} from "../protocol/server-lines.ts";
import { LogReplica } from "./log-replica.ts";
import type { EntryOptions } from "./options.ts";
import type { CommandResult, Outbox } from "./outbox.ts";
import { resumeFrom } from "./outbox-entry.ts";
import { PageRequests } from "./page-requests.ts";
import * as people from "./presence.ts";
import { Rename } from "./rename.ts";
import { ownEvents } from "./resume.ts";
import { SearchRequests } from "./search-requests.ts";
import * as standings from "./standing.ts";
import type { ChatEvents, JoinedRoom, LogPosition, Outside } from "./state.ts";

/** Time after which an unanswered request shows a dead connection. */
const ANSWER_TIMEOUT_MS = 20_000;

/** ReplicaEffects are the calls from a replica to its client. */
export interface ReplicaEffects {
  /** Unix ms. */
  now(): number;
  emit<K extends keyof ChatEvents>(type: K, event: ChatEvents[K]): void;
  /** A command of the outbox was stored, or failed. */
  settled(result: CommandResult): void;
  /** The `welcome` is processed. */
  joined(): void;
  /** The user waits to be let in: the `welcome` may take long. */
  waits(): void;
  /** The room's lines contradict each other: close the connection and reconnect. */
  fail(reason: string): void;
  /** Whether the connection still exists. */
  isLive(): boolean;
}

export interface ReplicaOptions {
  readonly key: string;
  readonly name: string | undefined;
  readonly history: number | undefined;
  readonly resume: LogPosition | undefined;
  /** Items of the timeline above which the oldest are removed. */
  readonly maxItems: number;
  readonly newId: () => string;
  readonly outbox: Outbox;
  readonly entry: EntryOptions;
}

/** RoomReplica outlives connections: a resume continues it. */
export class RoomReplica {
  joined: JoinedRoom | null = null;
  limits: WelcomeLine["limits"] = LIMITS;
  clockOffset = 0;
  presence = people.NOBODY_ONLINE;
  typing = people.NOBODY_TYPES;
  standing = standings.NO_STANDING;
  outside: Outside | null = null;
  readonly log: LogReplica;
  readonly outbox: Outbox;
  readonly pages: PageRequests;
  readonly searches: SearchRequests;
  readonly rename: Rename;
  /** The requests that wait for an answer, without the outbox. */
  readonly #requests: readonly (PageRequests | SearchRequests | Rename)[];
  readonly #options: ReplicaOptions;
  readonly #effects: ReplicaEffects;
  /** The `welcome` of this connection was processed. */
  #isJoined = false;

  constructor(options: ReplicaOptions, effects: ReplicaEffects) {
    this.#options = options;
    this.#effects = effects;
    this.log = new LogReplica(options.maxItems, options.resume);
    this.outbox = options.outbox;
    this.pages = new PageRequests(options.newId);
    this.searches = new SearchRequests(options.newId);
    this.rename = new Rename(options.newId, options.name);
    this.#requests = [this.pages, this.searches, this.rename];
  }

  /** Returns the first line of a connection. */
  hello(): string {
    const { key, history } = this.#options;
    const seq = resumeFrom(this.outbox.entries, this.log.head, this.#effects.now());
    const resume = this.log.resumeAfter(seq);
    // JSON leaves out undefined fields.
    return JSON.stringify({
      type: "hello",
      name: this.rename.hello(),
      ...{ key, resume, history },
      ...this.#options.entry,
    });
  }

  /** Processes a frame from the room. */
  receive(frame: string): void {
    let events: LogEntry[] = [];
    for (const text of splitLines(frame)) {
      const line = parseServerLine(text);
      if (line === null) continue;
      if ("seq" in line && line.type !== "welcome" && line.type !== "ok") {
        events.push(line);
        continue;
      }
      this.#append(events);
      events = [];
      if (!this.#effects.isLive()) return;
      this.#receiveLine(line);
    }
    this.#append(events);
  }

  /** Returns the frames that are due. The commands in them count as sent. */
  takeFrames(): string[] {
    const now = this.#effects.now();
    this.typing = people.expireTyping(this.typing, now);
    this.log.dropOld(now, keptDays(this.standing.roomState.retention, this.limits.days), this.clockOffset);
    if (!this.#isJoined) return [];
    const { head, timeline } = this.log;
    const frames = [...this.rename.takeLines(now), ...this.pages.takeLines(timeline, now)];
    frames.push(...this.searches.takeLines(now));
    const { lines, results } = this.outbox.takeFrame({ now, head, frameBytes: this.limits.frame });
    this.#settle(results);
    return lines.length === 0 ? frames : [...frames, lines.join("\n")];
  }

  /** When a frame is due or a state expires, Unix ms, or `null`. */
  get dueAt(): number | null {
    const parts = this.#isJoined ? [...this.#requests, this.outbox] : [];
    const times = parts.map(({ dueAt }) => dueAt).filter((at) => at !== null);
    const first = Math.min(this.typing.until, this.log.dropAt, ...times);
    return Number.isFinite(first) ? first : null;
  }

  /** Whether the room has not answered a request for too long. */
  get isOverdue(): boolean {
    const oldest = this.#effects.now() - ANSWER_TIMEOUT_MS;
    const times = [this.pages.sentAt, this.rename.sentAt, this.outbox.sentAt];
    return times.some((sentAt) => sentAt !== null && sentAt <= oldest);
  }

  /** The connection is lost. */
  disconnected(): void {
    this.#isJoined = false;
    this.typing = people.NOBODY_TYPES;
    for (const part of [...this.#requests, this.outbox]) part.disconnected();
  }

  /** The client is closed: rejects the requests that wait for an answer; the outbox keeps its commands. */
  close(): void {
    for (const part of [...this.#requests, this.log]) part.close();
    if (this.outside?.waits) this.outside = null;
  }

  #receiveLine(line: Exclude<ServerLine, LogEntry>): void {
    const now = this.#effects.now();
    switch (line.type) {
      case "welcome":
        // A second `welcome` on the same connection is ignored.
        if (!this.#isJoined) this.#welcome(line, now);
        return;
      case "ok":
        this.#accepted(line.id, line.seq, now);
        return;
      case "error":
        this.#rejected(line, now);
        return;
      case "presence":
        this.#emitPresence(line);
        this.presence = people.applyPresence(this.presence, line);
        for (const member of line.join ?? []) {
          if (this.joined?.you.user === member.user) this.joined = { ...this.joined, you: member };
        }
        return;
      case "typing":
        this.typing = people.receiveTyping(line.users, this.joined?.you.user, now);
        return;
      case "history": {
        const before = this.pages.answered(line);
        if (before !== null) this.log.insertPage(before, line, now);
        return;
      }
      case "state":
      case "knocks":
        this.standing = standings.changed(this.standing, line);
        this.log.retentionChanged(now);
        return;
      case "outside":
        this.outside = standings.outsideOf(line);
        if (line.waits) this.#effects.waits();
        return;
      case "found":
        this.searches.answered(line);
        return;
      case "pong":
        return;
    }
  }

  #accepted(id: string, seq: number | undefined, now: number): void {
    if (seq !== undefined) {
      this.#settle(this.outbox.accepted(id, seq, now));
      this.outbox.caughtUp(this.log.head);
    } else if (this.joined !== null) {
      const you = this.rename.answered(id, this.joined.you);
      if (you !== null) this.joined = { ...this.joined, you };
    }
  }

  #rejected(error: ErrorLine, now: number): void {
    const { type: _, id, ...reason } = error;
    if (id !== undefined) {
      const results = this.outbox.rejected(id, reason, now);
      if (results !== null) {
        this.#settle(results);
        return;
      }
      if (this.#requests.some((request) => request.rejected(id, error, now))) return;
    }
    const you = this.joined?.you;
    this.outside = standings.outsideAfterError(this.outside, { you, ...this.standing }, error);
    this.#effects.emit("error", error);
  }

  #settle(results: readonly CommandResult[]): void {
    for (const result of results) {
      // The message may have arrived before the answer.
      if ("seq" in result) this.log.claim(result.seq, result.id);
      this.#effects.settled(result);
    }
  }

  /** Appends live events. If some are missing between them, the connection fails. */
  #append(events: readonly LogEntry[]): void {
    if (events.length === 0 || !this.#isJoined) return;
    const added = this.log.append(events, this.outbox.awaited);
    const { head } = this.log;
    this.outbox.caughtUp(head);
    this.#emitEvents(added);
    if (events.some((event) => event.seq > head)) this.#effects.fail("events are missing");
  }

  #welcome(welcome: WelcomeLine, now: number): void {
    const { head } = this.log;
    const continuation = this.log.welcome(welcome, now);
    if (continuation.type === "broken") {
      this.#effects.fail("events are missing from the welcome");
      return;
    }
    const { you, room, epoch, limits, events, seq } = welcome;
    this.joined = { you, room, epoch };
    this.limits = limits;
    this.clockOffset = welcome.now - now;
    this.presence = people.welcomePresence(welcome);
    this.standing = standings.welcomed(welcome);
    this.outside = null;
    this.#isJoined = true;
    if (continuation.type === "another") this.pages.endRefresh();
    // Known messages may have been changed by events that the welcome does not show.
    if (continuation.type === "rejoined" && seq > head) {
      this.pages.refresh(Math.min(head, events[0]?.seq ?? seq) + 1);
    }
    this.rename.welcomed();
    this.#settle(this.outbox.rejoined(ownEvents(welcome, continuation, now)));
    this.#effects.joined();
    this.#effects.emit("welcome", welcome);
    if (continuation.type === "resumed") this.#emitEvents(events.filter((event) => event.seq > head));
    const after = continuation.type === "another" ? 0 : head;
    const isGap = continuation.type === "another" || continuation.type === "rejoined";
    if (isGap && seq > after) this.#effects.emit("gap", { type: "gap", epoch, after, before: seq + 1 });
  }

  #emitPresence(line: PresenceLine): void {
    for (const change of people.presenceChanges(this.presence, line)) {
      if (change.type !== "rename") this.#effects.emit(change.type, change.member);
      else this.#effects.emit("rename", { ...change.member, before: change.before });
    }
  }

  #emitEvents(events: readonly LogEntry[]): void {
    for (const event of events) if (event.type !== "opaque") this.#effects.emit("event", event);
  }
}
