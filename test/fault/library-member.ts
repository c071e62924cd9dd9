// A member that takes part through the project's own client.
import { ChatClient, type ChatClientOptions, type Clock } from "../../src/client/index.ts";
import { Ear, type Place } from "./ear.ts";
import { keyOf, type Member } from "./member.ts";

/** LibraryMember is a ChatClient that writes the journal. */
export class LibraryMember implements Member {
  readonly name: string;
  pending = 0;
  readonly #client: ChatClient;
  readonly #place: Place;
  readonly #ear: Ear;
  /** Id of the send under way: the first that is asked for, since the client names its own questions too. */
  #sentId: string | undefined;

  constructor(name: string, place: Place, options: Partial<ChatClientOptions> = {}) {
    this.name = name;
    this.#place = place;
    this.#ear = new Ear(name, place);
    const newId = () => {
      const id = crypto.randomUUID();
      this.#sentId ??= id;
      return id;
    };
    this.#client = new ChatClient({
      ...{ url: place.socket.href, name, key: keyOf(name), history: 0, newId },
      ...options,
    });
    const { journal } = place;
    this.#client.on("welcome", ({ you, seq, resumed }) => {
      journal.users.set(name, you.user);
      this.#ear.welcome(seq, resumed);
    });
    this.#client.on("event", (event) => {
      this.#ear.event({ seq: event.seq, user: event.user, text: "text" in event ? event.text : "" });
    });
    this.#client.on("close", () => {
      journal.reconnects += 1;
    });
    this.#client.on("error", ({ code, message }) => journal.complaints.push(`${name}: ${code}, ${message}`));
  }

  get last(): number | undefined {
    return this.#ear.last;
  }

  connect(): void {
    this.#client.connect();
  }

  send(text: string): void {
    const { journal } = this.#place;
    this.pending += 1;
    this.#sentId = undefined;
    const sent = this.#client.send(text);
    journal.send(this.name, this.#sentId ?? "", text);
    sent.then(
      ({ id, seq }) => {
        this.pending -= 1;
        journal.acks.push({ sender: this.name, id, seq });
      },
      (error: unknown) => journal.complaints.push(`${this.name}: ${String(error)}`),
    );
  }

  close(): void {
    this.#client.close();
  }
}

/** The system's clock, wrong by `offMs` and going `speed` times as fast. */
export function wrongClock(offMs: number, speed = 1): Clock {
  const begin = Date.now();
  return {
    now: () => begin + (Date.now() - begin) * speed + offMs,
    setTimeout: (callback, ms) => Number(setTimeout(callback, ms / speed)),
    clearTimeout: (handle) => {
      if (typeof handle === "number") clearTimeout(handle);
    },
  };
}
