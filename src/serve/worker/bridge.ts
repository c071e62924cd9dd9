/** Bridge: what the other processes of a service with workers call. Only the user of the service can open its socket. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { BridgeCalls, BridgeEnv, Namespace } from "./remote.ts";
import { sharedOf } from "./shared.ts";

/** Calls of a relay that is attached: the room has its descriptors already. */
const ATTACHED: ReadonlySet<string> = new Set([
  ...["submitFromRelay", "reportRelay", "logHead", "relayHistory", "relaySearch"],
]);

export class Bridge extends WorkerEntrypoint<BridgeEnv> implements BridgeCalls {
  async call(binding: string, object: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const { budget } = sharedOf(this.env);
    if (!ATTACHED.has(method)) {
      const admitted = budget.admit(Date.now());
      // Other calls wait for the same measurement: it must end even if this caller is killed.
      this.ctx.waitUntil(admitted);
      if (!(await admitted)) throw new Error("the server has too many open rooms");
    }
    const stub = namespaceIn(this.env, binding).getByName(object);
    const called: unknown = Reflect.get(stub, method);
    if (typeof called !== "function") throw new Error(`there is no method ${method}`);
    return Reflect.apply(called, stub, args);
  }

  async setDiskFull(isFull: boolean): Promise<void> {
    sharedOf(this.env).disk.isFull = isFull;
  }
}

function namespaceIn(env: BridgeEnv, binding: string): Namespace {
  const namespace = env[binding];
  if (!isNamespace(namespace)) throw new Error(`there are no objects ${binding}`);
  return namespace;
}

function isNamespace(value: unknown): value is Namespace {
  return typeof value === "object" && value !== null && "getByName" in value;
}
