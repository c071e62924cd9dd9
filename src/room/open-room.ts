/** Opens the room of a Durable Object: its storage, configuration, files and relays as the room uses them. */
import { roomConfig } from "./config.ts";
import type { RelayCalls } from "./feed.ts";
import { fileLookup } from "./file-lookup.ts";
import type { RoomSecrets } from "./identity.ts";
import type { Report } from "./report.ts";
import { Room } from "./room.ts";

/** RoomEnv has the bindings that a deployment may leave out. */
export type RoomEnv = Omit<Env, "FILES" | "RELAYS"> & Partial<Pick<Env, "FILES" | "RELAYS">>;

/** Keys of the names of the relays, and of the room's secrets while the log has not stored them. */
const RELAYS = "relays";
const SECRETS = "secrets";

/** OpenRoomOptions connect a room to the object that it runs in. */
export interface OpenRoomOptions {
  readonly name: string;
  readonly storage: DurableObjectStorage;
  readonly env: RoomEnv;
  readonly report: Report;
  /** Called when the room has something to do outside of a step. */
  readonly onChange: () => void;
}

export function openRoom({ name, storage, env, report, onChange }: OpenRoomOptions): Room {
  const { FILES: files = null, RELAYS: relays } = env;
  const room = new Room({
    name,
    store: {
      exec: (query, ...bindings) => storage.sql.exec(query, ...bindings),
      transaction: (work) => storage.transactionSync(work),
    },
    config: roomConfig(env, (sentence) => report("bad configuration", sentence)),
    report,
    files: files && fileLookup(() => files.getByName(name), report, onChange),
    // If this fails, the files ask by themselves before they expire.
    onFilesSent: (ids) =>
      void files
        ?.getByName(name)
        .keep(ids)
        .catch((error: unknown) => report("files could not be kept", error)),
    ...(relays !== undefined && {
      relays: {
        calls: (relay) => relayCalls(relays, `${name}/${relay}`),
        saved: storage.kv.get<string[]>(RELAYS) ?? [],
        save: (names, unsaved) => {
          storage.kv.put(RELAYS, [...names]);
          if (unsaved === null) storage.kv.delete(SECRETS);
          else storage.kv.put(SECRETS, unsaved);
        },
        onChange,
      },
    }),
  });
  const secrets = storage.kv.get<RoomSecrets>(SECRETS);
  if (secrets !== undefined) room.log.adoptSecrets(secrets);
  return room;
}

/** Returns the calls of a relay. Each looks the object up anew: a stub does not work any more after an error. */
function relayCalls(relays: Env["RELAYS"], name: string): RelayCalls {
  const relay = () => relays.getByName(name);
  return {
    wake: (ended) => relay().wake(ended),
    users: () => relay().users(),
    about: (user) => relay().about(user),
  };
}
