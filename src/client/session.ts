/** Session: what the client knows of the room, as the room's lines and its own commands change it. */
import type { RoomEvent } from "../protocol/events.ts";
import { splitLines } from "../protocol/frame.ts";
import type { ErrorLine, Member, ServerLine, WelcomeLine } from "../protocol/server-lines.ts";
import { parseServerLine } from "../protocol/server-lines.ts";
import { HistoryRequests } from "./history.ts";
import { awaitedEvents, type Outbox } from "./outbox.ts";
import { resumeFrom } from "./outbox-recovery.ts";
import { PendingCommands } from "./pending-commands.ts";
import * as people from "./presence.ts";
import { Rename } from "./rename.ts";
import { continueTimeline, ownEvents, Resume } from "./resume.ts";
import { type ChatEvents, DEFAULT_LIMITS } from "./state.ts";
import * as timelines from "./timeline.ts";

/** An answer that takes longer than this will not come. */
const ANSWER_TIMEOUT_MS = 20_000;

/** SessionEffects is what a session asks of its surroundings. */
export interface SessionEffects {
  /** Unix ms. */
  now(): number;
  happened<K extends keyof ChatEvents>(type: K, event: ChatEvents[K]): void;
  /** The `welcome` is taken in. */
  joined(): void;
  /** What the room says cannot be so: the connection is to be begun anew. */
  broken(reason: string): void;
  /** Whether the connection is still there. */
  isLive(): boolean;
}

export interface SessionOptions {
  readonly key: string;
  readonly name: string | undefined;
  readonly history: number | undefined;
  readonly newId: () => string;
  readonly outbox: Outbox;
}

/** Place is the room as `welcome` introduced it. */
interface Place {
  readonly you: Member;
  readonly room: string;
  readonly epoch: string;
}

/** Session outlives connections: it is what resumes. */
export class Session {
  place: Place | null = null;
  limits: WelcomeLine["limits"] = DEFAULT_LIMITS;
  clockOffset = 0;
  timeline = timelines.EMPTY_TIMELINE;
  presence = people.NOBODY;
  typing = people.NOBODY_TYPES;
  readonly commands: PendingCommands;
  readonly pages: HistoryRequests;
  readonly rename: Rename;
  /** All that the room may owe answers to. */
  readonly #requests: readonly (HistoryRequests | Rename | PendingCommands)[];
  readonly #options: SessionOptions;
  readonly #effects: SessionEffects;
  /** The `welcome` of this connection has come. */
  #isJoined = false;
  readonly #resume = new Resume();

  constructor(options: SessionOptions, effects: SessionEffects) {
    this.#options = options;
    this.#effects = effects;
    this.commands = new PendingCommands(options.outbox, (id, seq) => {
      this.timeline = timelines.claimMessage(this.timeline, seq, id);
    });
    this.pages = new HistoryRequests(options.newId);
    this.rename = new Rename(options.newId, options.name);
    this.#requests = [this.pages, this.rename, this.commands];
  }

  /** The first line of a connection. */
  hello(): string {
    const { key, history } = this.#options;
    const seq = resumeFrom(this.commands.outbox, this.timeline.head, this.#effects.now());
    const resume = this.#resume.ask(this.place?.epoch, seq);
    // What is not there is left out of the line.
    return JSON.stringify({ type: "hello", name: this.rename.tell(), key, resume, history });
  }

  /** Takes in a frame. */
  receive(frame: string): void {
    let events: RoomEvent[] = [];
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
      this.#take(line);
    }
    this.#append(events);
  }

  /** Lines that are due, in frames. Whatever they carry counts as sent. */
  takeFrames(): string[] {
    const now = this.#effects.now();
    this.typing = people.typingStill(this.typing, now);
    if (!this.#isJoined) return [];
    const frames = [...this.rename.takeLines(now), ...this.pages.takeLines(this.timeline, now)];
    const { head } = this.timeline;
    const lines = this.commands.takeLines({ now, head, frameBytes: this.limits.frame });
    return lines.length === 0 ? frames : [...frames, lines.join("\n")];
  }

  /** When there will be something to do, Unix ms, or `null`. */
  get dueAt(): number | null {
    const times = this.#isJoined ? this.#requests.map(({ dueAt }) => dueAt) : [];
    const first = Math.min(this.typing.until, ...times.filter((at) => at !== null));
    return Number.isFinite(first) ? first : null;
  }

  /** Whether the room owes an answer for too long. */
  get isOverdue(): boolean {
    const oldest = this.#effects.now() - ANSWER_TIMEOUT_MS;
    return this.#requests.some(({ sentAt }) => sentAt !== null && sentAt <= oldest);
  }

  /** The connection is gone. */
  disconnected(): void {
    this.#isJoined = false;
    this.typing = people.NOBODY_TYPES;
    for (const request of this.#requests) request.disconnected();
  }

  /** Nobody is going to answer any more. */
  close(): void {
    for (const request of this.#requests) request.close();
  }

  #take(line: Exclude<ServerLine, RoomEvent>): void {
    const now = this.#effects.now();
    switch (line.type) {
      case "welcome":
        // A connection has one; another would only repeat what is known.
        if (!this.#isJoined) this.#welcome(line, now);
        return;
      case "ok":
        this.#ok(line.id, line.seq, now);
        return;
      case "error":
        this.#refused(line, now);
        return;
      case "presence":
        this.presence = people.applyPresence(this.presence, line);
        for (const member of line.join ?? []) {
          if (this.place?.you.user === member.user) this.place = { ...this.place, you: member };
        }
        return;
      case "typing":
        this.typing = people.typingNow(line.users, this.place?.you.user, now);
        return;
      case "history":
        this.timeline = this.pages.answered(line, this.timeline);
        return;
      case "pong":
        return;
    }
  }

  #ok(id: string, seq: number | undefined, now: number): void {
    if (seq !== undefined) {
      this.commands.answered(id, seq, now);
      this.commands.caughtUp(this.timeline.head);
    } else if (this.place !== null) {
      const you = this.rename.answered(id, this.place.you);
      if (you !== null) this.place = { ...this.place, you };
    }
  }

  #refused(error: ErrorLine, now: number): void {
    const { id } = error;
    if (id !== undefined && this.#requests.some((request) => request.refused(id, error, now))) return;
    this.#effects.happened("error", error);
  }

  /** Takes in live events: those known already are ignored, a hole among them breaks the connection. */
  #append(events: readonly RoomEvent[]): void {
    if (events.length === 0 || !this.#isJoined) return;
    const fresh: RoomEvent[] = [];
    let head = this.timeline.head;
    for (const event of events) {
      if (event.seq > head + 1) break;
      if (event.seq <= head) continue;
      fresh.push(event);
      head = event.seq;
    }
    this.timeline = timelines.appendEvents(this.timeline, fresh, awaitedEvents(this.commands.outbox));
    this.commands.caughtUp(head);
    for (const event of fresh) this.#effects.happened("event", event);
    if (events.some((event) => event.seq > head)) this.#effects.broken("events are missing");
  }

  #welcome(welcome: WelcomeLine, now: number): void {
    const { head } = this.timeline;
    const continuation = this.#resume.answered(welcome, this.place?.epoch, head);
    if (continuation === null) {
      this.#effects.broken("events are missing from the welcome");
      return;
    }
    const { you, room, epoch, limits, events, seq } = welcome;
    this.place = { you, room, epoch };
    this.limits = limits;
    this.clockOffset = welcome.now - now;
    this.presence = people.welcomePresence(welcome);
    this.timeline = continueTimeline(this.timeline, welcome, continuation);
    this.#isJoined = true;
    if (continuation.type === "another") this.pages.endRefresh();
    // Changes to what is known may be among what was missed.
    if (continuation.type === "rejoined" && seq > head) {
      this.pages.refresh(Math.min(head, events[0]?.seq ?? seq) + 1);
    }
    this.rename.welcomed();
    this.commands.rejoined(ownEvents(welcome, continuation, now));
    this.#effects.joined();
    this.#effects.happened("welcome", welcome);
    if (continuation.type !== "resumed") return;
    for (const event of events) if (event.seq > head) this.#effects.happened("event", event);
  }
}
