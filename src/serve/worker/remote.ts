/** Remote: objects of other processes, which look like those of this one. Used in a service with workers. */
import type { FrontSettings } from "./settings.ts";
import type { SharedEnv } from "./shared.ts";

/** Namespace is what this code uses of a namespace of objects. */
export interface Namespace {
  getByName(name: string): object;
}

/** BridgeCalls are what one process asks of another. */
export interface BridgeCalls {
  /** Calls a method of the object with this name in the namespace that `binding` names. */
  call(binding: string, object: string, method: string, args: readonly unknown[]): Promise<unknown>;
  /** Informs a worker whether the disk is full. */
  setDiskFull(isFull: boolean): Promise<void>;
}

/** BridgeEnv has the bridges to other processes and the names of the bindings whose objects are there. */
export interface BridgeEnv extends SharedEnv {
  /** In a sequencer and in a worker: names of the bindings of the other's objects. */
  readonly SERVE_REMOTE?: readonly string[];
  /** In a worker: the bridge of the sequencer. */
  readonly SERVE_SEQUENCER?: BridgeCalls;
  readonly [binding: string]: unknown;
}

/** Name of the relay of a worker, the same in each room. */
export function relayName(worker: number): string {
  return `worker-${worker}`;
}

/** Name of the binding of the bridge to a worker. */
export function workerBinding(worker: number): string {
  return `SERVE_WORKER_${worker}`;
}

/** Returns the bridge to a worker. */
export function workerBridge(env: BridgeEnv, worker: number): BridgeCalls {
  const bridge = env[workerBinding(worker)];
  if (!isBridge(bridge)) throw new Error(`there is no worker ${worker}`);
  return bridge;
}

/** Returns `env` as the app and its objects need it: objects of other processes look like those of this one. */
export function appEnv<T extends BridgeEnv>(env: T, { process }: Pick<FrontSettings, "process">): T {
  if (process.type === "alone") return env;
  const bridgeTo = (object: string): BridgeCalls => {
    if (process.type === "sequencer") return workerBridge(env, workerOf(object));
    if (env.SERVE_SEQUENCER === undefined) throw new Error("there is no sequencer");
    return env.SERVE_SEQUENCER;
  };
  const remote = (env.SERVE_REMOTE ?? []).map((binding) => [binding, remoteNamespace(binding, bridgeTo)]);
  const relay = process.type === "worker" ? { RELAY: relayName(process.number) } : {};
  return { ...env, ...Object.fromEntries(remote), ...relay };
}

/** A namespace whose objects are in the process that `bridgeTo` reaches. */
export function remoteNamespace(binding: string, bridgeTo: (object: string) => BridgeCalls): Namespace {
  return {
    getByName: (object) =>
      new Proxy(
        {},
        {
          get: (_, method) => {
            // An object with a method `then` would be taken for a promise.
            if (typeof method !== "string" || method === "then") return undefined;
            return (...args: unknown[]) => bridgeTo(object).call(binding, object, method, args);
          },
        },
      ),
  };
}

/** Returns the worker that has a relay's object, whose name is `ROOM/RELAY`. */
function workerOf(object: string): number {
  return Number(/\/worker-(\d+)$/.exec(object)?.[1] ?? 0);
}

function isBridge(value: unknown): value is BridgeCalls {
  return typeof value === "object" && value !== null && "call" in value;
}
