// Rooms with an owner: created by the client library, and opened in pages by people of given identities.
import { randomBytes } from "node:crypto";
import type { BrowserContextOptions, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import {
  ChatClient,
  type ChatClientOptions,
  type ChatState,
  type WebSocketConstructor,
} from "../../src/client/index.ts";
import { newOwnerSecret } from "../../src/client/secrets.ts";
import type { Pages, Person } from "./page.ts";
import { eventually } from "./wait.ts";

/** OwnedRoom is a room that a test has created. */
export interface OwnedRoom {
  readonly name: string;
  /** The secret of its owner. */
  readonly secret: string;
  /** The key of the owner's identity. */
  readonly key: string;
  /** A connected client of the owner, "Olga". */
  readonly owner: ChatClient;
  /** Returns another connected client. */
  client(name: string, options?: Partial<ChatClientOptions>): ChatClient;
  /** Opens the room in a page as the owner. */
  openAsOwner(options?: BrowserContextOptions): Promise<{ page: Page; person: Person }>;
}

/** Creates a room. Its clients are closed when the test ends. */
export async function ownedRoom(pages: Pages, claim: ChatClientOptions["claim"] = {}): Promise<OwnedRoom> {
  const name = `owned-${randomBytes(6).toString("hex")}`;
  const secret = newOwnerSecret();
  const key = randomBytes(16).toString("hex");
  const client = (name_: string, options: Partial<ChatClientOptions> = {}): ChatClient => {
    const made = new ChatClient({ url: pages.service.socket(name).href, name: name_, ...options });
    onTestFinished(() => made.close());
    made.connect().catch(() => undefined);
    return made;
  };
  const owner = client("Olga", { key, owner: secret, claim });
  await until(owner, ({ role }) => role === "owner");
  return {
    name,
    secret,
    key,
    owner,
    client,
    async openAsOwner(options) {
      const person = await pages.person(options);
      await useIdentity(person, key);
      return { page: await person.open(name), person };
    },
  };
}

/** Makes `key` the identity of a person's pages. Call before a page opens. */
export function useIdentity({ context }: Person, key: string): Promise<unknown> {
  return context.addInitScript((identity) => {
    // The first document of a tab has no storage.
    if (location.protocol !== "about:") localStorage.setItem("edge-chat:key", identity);
  }, key);
}

/** Waits for a state of `client`. */
export function until(client: ChatClient, isReached: (state: ChatState) => boolean): Promise<true> {
  const probe = (): true | undefined => (isReached(client.state) ? true : undefined);
  return eventually("a state of the client", probe, (listener) => client.on("state", listener));
}

/** Returns a WebSocket class whose connections come from a network address, as a reverse proxy states it. */
export function from(address: string): WebSocketConstructor {
  return class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { headers: { "CF-Connecting-IP": address } });
    }
  };
}

/** Returns the client's user id. */
export function userOf({ state }: ChatClient): string {
  if (state.you === undefined) throw new Error("the client has not joined");
  return state.you.user;
}
