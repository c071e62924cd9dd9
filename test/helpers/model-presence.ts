/** ModelPresence: the users who are in the room, from the devices of a model run. */
import { LEAVE_GRACE_MS, type RoomEvent } from "../../src/protocol/index.ts";
import type { ModelDevice } from "./model-device.ts";

export class ModelPresence {
  readonly #devices: () => Iterable<ModelDevice>;
  /** Users without a connection, with the time when they leave, Unix ms. */
  readonly #leaving = new Map<string, number>();

  constructor(devices: () => Iterable<ModelDevice>) {
    this.#devices = devices;
  }

  has(user: string): boolean {
    return this.#leaving.has(user) || this.#joined(user).length > 0;
  }

  /** Returns the users in the room, without those whom an event of the batch removed or banned. */
  users(batch: readonly RoomEvent[]): string[] {
    const users = new Set(this.#leaving.keys());
    for (const { user, state } of this.#devices()) if (state === "joined") users.add(user);
    for (const event of batch) if (isLeave(event)) users.delete(event.member);
    return [...users];
  }

  /** Returns the name and the networks of a user; no name if the user has no `chat.v1` connection in the room. */
  find(user: string): { name: string | undefined; networks: string[] } {
    const devices = [...this.#devices()].filter(
      (device) => device.user === user && device.state !== "joining",
    );
    const networks = devices.flatMap(({ network }) => network ?? []);
    return { name: this.#joined(user)[0]?.name, networks };
  }

  entered(device: ModelDevice): void {
    this.#leaving.delete(device.user);
    this.rename(device.user, device.name);
  }

  /** Names a user on all devices. */
  rename(user: string, name: string): void {
    for (const device of this.#devices())
      if (device.user === user && device.state !== "joining") device.name = name;
  }

  /** A connection in the room is gone; the device is no longer among the devices. */
  left({ user, isPlain }: ModelDevice, now: number): void {
    if (isPlain || this.#joined(user).length > 0) return;
    this.#leaving.set(user, now + LEAVE_GRACE_MS);
  }

  /** Applies the events that end the presence of a user at once. */
  moderated(batch: readonly RoomEvent[]): void {
    for (const event of batch) if (isLeave(event)) this.#leaving.delete(event.member);
  }

  /** Ends what ends by time. `now` is Unix ms. */
  expire(now: number): void {
    for (const [user, at] of this.#leaving) if (at <= now) this.#leaving.delete(user);
  }

  clear(): void {
    this.#leaving.clear();
  }

  #joined(user: string): ModelDevice[] {
    return [...this.#devices()].filter((device) => device.user === user && device.state === "joined");
  }
}

function isLeave(event: RoomEvent): event is Extract<RoomEvent, { type: "ban" | "remove" }> {
  return event.type === "remove" || (event.type === "ban" && event.duration !== 0);
}
