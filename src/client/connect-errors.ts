/** Connect errors: why attempts to connect fail, and when the client stops trying. */
import type { FetchLike } from "./platform.ts";
import { ABNORMAL_CLOSURE, type Closing } from "./reconnecting-socket.ts";
import type { ConnectError } from "./state.ts";

/** Answers in a row that there is no chat socket at the URL, after which the client closes. */
const MAX_WRONG_URLS = 3;

/** ConnectErrorEffects are the calls from ConnectErrors to the client. */
export interface ConnectErrorEffects {
  emit(error: ConnectError): void;
  /** The URL is wrong: close, with this sentence as the reason. */
  giveUp(message: string): void;
}

/** ConnectErrors emits an error for each failed attempt. */
export class ConnectErrors {
  readonly #url: string;
  readonly #fetch: FetchLike | null;
  readonly #effects: ConnectErrorEffects;
  #hasJoined = false;
  #wrongUrls = 0;

  constructor(url: string, fetch: FetchLike | null, effects: ConnectErrorEffects) {
    this.#url = url;
    this.#fetch = fetch;
    this.#effects = effects;
  }

  /** The room answered: the URL is right. */
  joined(): void {
    this.#hasJoined = true;
  }

  /** An attempt failed, the last of `attempts` in a row. */
  failed({ code, reason, willReconnect }: Closing, attempts: number): void {
    const message =
      reason || `the connection to ${this.#url} failed with code ${code} before the room answered`;
    const error: ConnectError = { attempts, code, message, willReconnect };
    const fetch = this.#fetch;
    // The platform's WebSocket gives no reason for a failed handshake: probe over HTTP.
    if (this.#hasJoined || fetch === null || code !== ABNORMAL_CLOSURE) this.#effects.emit(error);
    else {
      import("./probe.ts")
        .then(({ probe }) => probe(this.#url, fetch))
        .then(
          (found) => this.#found({ ...error, message: found.message }, found.isWrongUrl),
          () => this.#effects.emit(error),
        );
    }
  }

  #found(error: ConnectError, isWrongUrl: boolean): void {
    this.#wrongUrls = isWrongUrl ? this.#wrongUrls + 1 : 0;
    const givesUp = this.#wrongUrls >= MAX_WRONG_URLS;
    if (givesUp) this.#wrongUrls = 0;
    this.#effects.emit({ ...error, willReconnect: error.willReconnect && !givesUp });
    if (givesUp) this.#effects.giveUp(error.message);
  }
}
