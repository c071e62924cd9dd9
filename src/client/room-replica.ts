/** Room replica: the client's copy of the room, changed by the server's lines and by own commands. */
import type * as v from "valibot";
import { splitLines } from "../protocol/frame.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { ClaimRequest } from "../protocol/notices.ts";
import { DAY_MS, keptDays } from "../protocol/retention.ts";
import {
  type ErrorLine,
  type LogEntry,
  type PresenceLine,
  parseServerLine,
  type ServerLine,
  type WelcomeLine,
} from "../protocol/server-lines.ts";
import type { CommandResult, Outbox } from "./outbox.ts";
import { resumeFrom } from "./outbox-entry.ts";
import { PageRequests } from "./page-requests.ts";
import * as people from "./presence.ts";
import { Rename } from "./rename.ts";
import { continuationOf, continueTimeline, ownEvents } from "./resume.ts";
import { SearchRequests } from "./search-requests.ts";
import * as standings from "./standing.ts";
import type { ChatEvents, JoinedRoom, LogPosition, Outside } from "./state.ts";
import * as timelines from "./timeline.ts";

/** Time after which an answer is no longer expected. */
const ANSWER_TIMEOUT_MS = 20_000;
/** Shortest time between two looks for items that are too old. */
const MIN_DROP_MS = 1_000;

/** ReplicaEffects is what a replica asks of the client around it. */
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
  /** The room's lines contradict each other: give the connection up. */
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

/** EntryOptions are what a `hello` has for a room with an owner. */
export interface EntryOptions {
  /** Secret of the room's owner. */
  owner?: string | undefined;
  /** Creates the room with this user as its owner. */
  claim?: v.InferInput<typeof ClaimRequest> | undefined;
  /** Proof of the room's password. */
  password?: string | undefined;
}

/** RoomReplica outlives connections: a resume continues it. */
export class RoomReplica {
  joined: JoinedRoom | null = null;
  /** Epoch of the known log: of the last `welcome`, or of the option `resume`. */
  #epoch: string | undefined;
  limits: WelcomeLine["limits"] = LIMITS;
  clockOffset = 0;
  timeline = timelines.emptyTimeline(0);
  presence = people.NOBODY_ONLINE;
  typing = people.NOBODY_TYPES;
  standing = standings.NO_STANDING;
  outside: Outside | null = null;
  readonly outbox: Outbox;
  readonly pages: PageRequests;
  readonly searches: SearchRequests;
  readonly rename: Rename;
  readonly #options: ReplicaOptions;
  readonly #effects: ReplicaEffects;
  /** The `welcome` of this connection was processed. */
  #isJoined = false;
  /** Seq that the last `hello` asked to resume from, or `null` if it did not ask. */
  #resumeFrom: number | null = null;
  /** Time when the next item may be too old, Unix ms. */
  #dropAt = Number.POSITIVE_INFINITY;
  /** The last resume was answered with missing events: the next `hello` does not ask for one. */
  #isResumeBroken = false;

  constructor(options: ReplicaOptions, effects: ReplicaEffects) {
    this.#options = options;
    this.#effects = effects;
    this.outbox = options.outbox;
    this.pages = new PageRequests(options.newId);
    this.searches = new SearchRequests(options.newId);
    this.rename = new Rename(options.newId, options.name);
    if (options.resume === undefined) return;
    const { epoch, seq } = options.resume;
    this.#epoch = epoch;
    this.timeline = timelines.emptyTimeline(seq);
  }

  /** The position after the newest known event, or `null` before the first `welcome`. */
  get position(): LogPosition | null {
    return this.#epoch === undefined ? null : { epoch: this.#epoch, seq: this.timeline.head };
  }

  /** Returns the first line of a connection. */
  hello(): string {
    const { key, history } = this.#options;
    const epoch = this.#epoch;
    const canResume = epoch !== undefined && !this.#isResumeBroken;
    const seq = resumeFrom(this.outbox.entries, this.timeline.head, this.#effects.now());
    this.#resumeFrom = canResume ? seq : null;
    const resume = canResume ? { epoch, seq } : undefined;
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
    this.#dropOld(now);
    if (!this.#isJoined) return [];
    const frames = [...this.rename.takeLines(now), ...this.pages.takeLines(this.timeline, now)];
    frames.push(...this.searches.takeLines(now));
    const { head } = this.timeline;
    const { lines, results } = this.outbox.takeFrame({ now, head, frameBytes: this.limits.frame });
    this.#settle(results);
    return lines.length === 0 ? frames : [...frames, lines.join("\n")];
  }

  /** When a frame is due or a state expires, Unix ms, or `null`. */
  get dueAt(): number | null {
    const times = this.#isJoined
      ? [this.pages.dueAt, this.searches.dueAt, this.rename.dueAt, this.outbox.dueAt]
      : [];
    const first = Math.min(this.typing.until, this.#dropAt, ...times.filter((at) => at !== null));
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
    this.pages.disconnected();
    this.searches.disconnected();
    this.rename.disconnected();
    this.outbox.disconnected();
  }

  /** The client is closed: rejects the requests that wait for an answer; the outbox keeps its commands. */
  close(): void {
    this.pages.close();
    this.searches.close();
    this.rename.close();
    if (this.outside?.waits) this.outside = null;
    // No timer keeps a program running.
    this.#dropAt = Number.POSITIVE_INFINITY;
  }

  /** Removes what the room has dropped by its age. */
  #dropOld(now: number): void {
    if (now < this.#dropAt) return;
    const days = keptDays(this.standing.roomState.retention, this.limits.days);
    this.#dropAt = Number.POSITIVE_INFINITY;
    if (days === null) return;
    const serverNow = now + this.clockOffset;
    this.timeline = timelines.dropOld(this.timeline, serverNow - days * DAY_MS, serverNow);
    const first = this.timeline.items.find((item) => item.type !== "gap");
    const endsAt = (first?.at ?? serverNow) + days * DAY_MS - this.clockOffset;
    // Timers cannot wait for a month. A wrong time does not repeat at once.
    this.#dropAt = Math.min(Math.max(endsAt, now + MIN_DROP_MS), now + DAY_MS);
  }

  #receiveLine(line: Exclude<ServerLine, LogEntry>): void {
    const now = this.#effects.now();
    switch (line.type) {
      case "welcome":
        // A second one on the same connection would repeat what is known.
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
      case "history":
        this.timeline = this.pages.answered(line, this.timeline);
        this.#dropAt = now;
        return;
      case "state":
      case "knocks":
        this.standing = standings.changed(this.standing, line);
        this.#dropAt = now;
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
      this.outbox.caughtUp(this.timeline.head);
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
      const requests = [this.pages, this.searches, this.rename];
      if (requests.some((request) => request.rejected(id, error, now))) return;
    }
    const you = this.joined?.you;
    this.outside = standings.refused(this.outside, { you, ...this.standing }, error);
    this.#effects.emit("error", error);
  }

  #settle(results: readonly CommandResult[]): void {
    for (const result of results) {
      // The message may have arrived before the answer.
      if ("seq" in result) this.timeline = timelines.claimMessage(this.timeline, result.seq, result.id);
      this.#effects.settled(result);
    }
  }

  /** Appends live events. Known ones are ignored; a hole among them breaks the connection. */
  #append(events: readonly LogEntry[]): void {
    if (events.length === 0 || !this.#isJoined) return;
    const fresh: LogEntry[] = [];
    let head = this.timeline.head;
    for (const event of events) {
      if (event.seq > head + 1) break;
      if (event.seq <= head) continue;
      fresh.push(event);
      head = event.seq;
    }
    const appended = timelines.appendEvents(this.timeline, fresh, this.outbox.awaited);
    this.timeline = timelines.trimTimeline(appended, this.#options.maxItems);
    this.outbox.caughtUp(head);
    this.#emitEvents(fresh);
    if (events.some((event) => event.seq > head)) this.#effects.fail("events are missing");
  }

  #welcome(welcome: WelcomeLine, now: number): void {
    const { head } = this.timeline;
    const known = { epoch: this.#epoch, head, resumeFrom: this.#resumeFrom };
    const continuation = continuationOf(welcome, known);
    this.#isResumeBroken = continuation.type === "broken";
    if (continuation.type === "broken") {
      this.#effects.fail("events are missing from the welcome");
      return;
    }
    const { you, room, epoch, limits, events, seq } = welcome;
    this.joined = { you, room, epoch };
    this.#epoch = epoch;
    this.limits = limits;
    this.clockOffset = welcome.now - now;
    this.presence = people.welcomePresence(welcome);
    this.standing = standings.welcomed(welcome);
    this.outside = null;
    const continued = continueTimeline(this.timeline, welcome, continuation);
    this.timeline = timelines.trimTimeline(continued, this.#options.maxItems);
    this.#isJoined = true;
    this.#dropAt = now;
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
