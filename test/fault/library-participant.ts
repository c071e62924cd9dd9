// A participant that uses the project's client.
import { ChatClient, type ChatClientOptions, type Clock } from "../../src/client/index.ts";
import { type Journal, loggedText } from "./journal.ts";
import { keyOf, type Participant } from "./participant.ts";
import { ReaderLog, type RunContext } from "./reader-log.ts";

/** LibraryParticipant is a ChatClient that records the journal. */
export class LibraryParticipant implements Participant {
  readonly name: string;
  pending = 0;
  readonly #client: ChatClient;
  readonly #journal: Journal;
  readonly #received: ReaderLog;
  /** Id of the current send: the first one requested, because the client also creates ids for its own requests. */
  #sentId: string | undefined;

  constructor(name: string, context: RunContext, options: Partial<ChatClientOptions> = {}) {
    this.name = name;
    const { journal } = context;
    this.#journal = journal;
    this.#received = new ReaderLog(name, context);
    const newId = () => {
      const id = crypto.randomUUID();
      this.#sentId ??= id;
      return id;
    };
    this.#client = new ChatClient({
      ...{ url: context.socket.href, name, key: keyOf(name), history: 0, newId },
      ...options,
    });
    this.#client.on("welcome", ({ you, seq, resumed }) => {
      journal.users.set(name, you.user);
      this.#received.welcome(seq, resumed);
    });
    this.#client.on("event", (event) => {
      this.#received.event({ seq: event.seq, user: event.user, text: loggedText(event) });
    });
    this.#client.on("close", () => {
      journal.reconnects += 1;
    });
    this.#client.on("error", ({ code, message }) => journal.failures.push(`${name}: ${code}, ${message}`));
  }

  get last(): number | undefined {
    return this.#received.last;
  }

  connect(): void {
    this.#client.connect();
  }

  send(text: string): void {
    const journal = this.#journal;
    this.pending += 1;
    this.#sentId = undefined;
    const sent = this.#client.send(text);
    journal.recordSend(this.name, this.#sentId ?? "", text);
    sent.then(
      ({ id, seq }) => {
        this.pending -= 1;
        journal.recordAck({ sender: this.name, id, seq });
      },
      (error: unknown) => journal.failures.push(`${this.name}: ${String(error)}`),
    );
  }

  close(): void {
    this.#client.close();
  }
}

/** A clock that is wrong by `offsetMs` and runs `speed` times as fast as the system's. */
export function skewedClock(offsetMs: number, speed = 1): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * speed + offsetMs,
    setTimeout: (callback, ms) => Number(setTimeout(callback, ms / speed)),
    clearTimeout: (handle) => {
      if (typeof handle === "number") clearTimeout(handle);
    },
  };
}
