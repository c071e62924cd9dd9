// The owner of a room on a socket of its own, who acts while a test looks at the page of somebody else.

import { newOwnerSecret } from "../../src/client/secrets.ts";
import type { ClientLine } from "../../src/protocol/commands.ts";
import type { Member, ServerLine } from "../../src/protocol/server-lines.ts";
import { type Hello, openChat } from "./raw-socket.ts";
import type { Host } from "./service.ts";

type Command = Extract<ClientLine, { id: string }>;
type WithoutId<C> = C extends Command ? Omit<C, "id"> : never;

/** RoomOwner is the owner of one room. */
export interface RoomOwner {
  /** The room's owner secret. */
  readonly secret: string;
  /** Sends a command and waits until the room has accepted it. */
  act(command: WithoutId<Command>): Promise<void>;
  /** Waits until somebody asks to enter. */
  knock(): Promise<Member>;
  /** Waits until somebody else enters, and returns the first who did. */
  guest(): Promise<Member>;
}

/** Creates `room`. */
export async function ownRoom(
  service: Host,
  room: string,
  claim: NonNullable<Hello["claim"]> = {},
): Promise<RoomOwner> {
  const secret = newOwnerSecret();
  const hello = { key: `owner-${"k".repeat(30)}`, name: "Olga", owner: secret, claim };
  const socket = await openChat(service.socket(room), { hello });
  const { user } = socket.welcome.you;
  let commands = 0;
  let guest: Member | undefined;
  const note = (line: ServerLine): void => {
    if (line.type === "presence") guest ??= line.join?.find((member) => member.user !== user);
  };
  return {
    secret,
    async act(command) {
      const id = `c${++commands}`;
      socket.command({ ...command, id });
      const isAnswer = (line: ServerLine) => (line.type === "ok" || line.type === "error") && line.id === id;
      const lines = await socket.linesUntil(isAnswer);
      for (const line of lines) note(line);
      const answer = lines.at(-1);
      if (answer?.type !== "ok") throw new Error(`rejected: ${JSON.stringify(answer)}`);
    },
    async knock() {
      for (;;) {
        const [first] = (await socket.next("knocks")).waiting;
        if (first !== undefined) return first;
      }
    },
    async guest() {
      while (guest === undefined) note(await socket.nextLine());
      return guest;
    },
  };
}
