// Services that all test files share, each of which uses rooms of its own. A file that changes its service, or needs
// other variables, starts one for itself.
import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { type Host, type Service, socketOf, startServe } from "./service.ts";

/** Variables of each shared service. */
const SHARED = {
  default: {},
  /** Without a limit of messages a second, for tests that post many. */
  unlimited: { MESSAGE_RATE: "0" },
} as const;

type SharedName = keyof typeof SHARED;

declare module "vitest" {
  interface ProvidedContext {
    /** Addresses of the shared services. */
    services: Record<SharedName, string>;
  }
}

/** Starts the shared services before the first test, and returns a function that stops them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // One after the other: the first one builds the service if a source has changed.
  const first = await startServe({ vars: SHARED.default });
  const second = await startServe({ vars: SHARED.unlimited });
  project.provide("services", { default: first.url.href, unlimited: second.url.href });
  const running: Service[] = [first, second];
  return async () => {
    await Promise.all(running.map((service) => service.stop()));
  };
}

/** Returns the shared service with the default variables. */
export const sharedService = (): Promise<Host> => shared("default");

/** Returns the shared service that does not limit the rate of messages. */
export const unlimitedService = (): Promise<Host> => shared("unlimited");

async function shared(name: SharedName): Promise<Host> {
  const url = new URL(inject("services")[name]);
  return { url, socket: (room) => socketOf(url, room), stop: async () => null };
}
