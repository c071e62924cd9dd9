/** ModelRun: one run of the real room beside the model. Each step is applied to both, and every line is checked. */
import assert from "node:assert/strict";
import { type ClientLine, plainLine, type RoomEvent, SUBPROTOCOL } from "../../src/protocol/index.ts";
import { userId } from "../../src/room/identity.ts";
import { ModelDevice, type ModelHello } from "./model-device.ts";
import { normalized, withoutId } from "./model-log.ts";
import { ModelRoom, type Queued } from "./model-room.ts";
import { errorText, type ModelBody, type ModelClaim } from "./model-rules.ts";
import { keyOf } from "./test-room.ts";

/**
 * ResumePoint says where a join resumes: not at all, after the last seq of the device, from another epoch,
 * beyond the head, or at this percentage of the log.
 */
export type ResumePoint = "none" | "last" | "other epoch" | "beyond" | number;

/** JoinOptions are those of one join. */
export interface JoinOptions {
  readonly resume: ResumePoint;
  readonly history: number;
  /** What the hello says about ownership. */
  readonly claim?: Omit<ModelClaim, "type"> | undefined;
  readonly password?: string | undefined;
}

/** ModelRun numbers the devices. A device that joins again takes the place of the one before it. */
export class ModelRun extends ModelRoom {
  /** The devices without a connection. They still show their messages. */
  readonly #disconnected = new Map<number, ModelDevice>();
  readonly #sent: { readonly user: string; readonly id: string; readonly body: ModelBody }[] = [];
  #historyIds = 0;

  /** Returns the seq of message `n`, modulo their number. For every fifth `n` the seq may be any. */
  target(n: number): number {
    const seqs = [...this.log.messages.keys()];
    return n % 5 === 0 || seqs.length === 0 ? n + 1 : (seqs[n % seqs.length] ?? 1);
  }

  /** Returns the user id of `name`. */
  userOf(name: string): string {
    return userId(this.room.log.secrets.secret, keyOf(name));
  }

  /** Returns the index of a device: three of four times of one whose user is an owner or a moderator. */
  staffDevice(n: number): number {
    const staff = [...this.devices].filter(([, { user }]) => this.log.rules.roleOf(user) !== "member");
    return n % 4 === 0 ? n % 5 : (staff[n % Math.max(1, staff.length)]?.[0] ?? n % 5);
  }

  join(index: number, owner: string, { resume: point, history, claim, password }: JoinOptions): void {
    this.log.hide(this.room.now);
    this.leave(index);
    const last = this.#disconnected.get(index);
    this.#disconnected.delete(index);
    const lastOfOwner = last?.owner === owner ? last : undefined;
    const seq = this.#seqOf(point, lastOfOwner);
    const epoch =
      point === "other epoch" ? "other" : point === "last" ? (lastOfOwner?.epoch ?? "") : this.epoch;
    const hello = { resume: seq === undefined ? undefined : { epoch, seq }, history, password };
    const network = networkOf(index);
    const peer = this.room.open(SUBPROTOCOL, network);
    const user = this.userOf(owner);
    const device = new ModelDevice(peer, { user, owner, network, since: this.room.now, hello });
    this.room.receive(peer, helloLine(owner, hello, claim));
    this.log.came(user, this.room.now);
    this.devices.set(index, device);
    if (point === "last" && lastOfOwner !== undefined) device.shown = lastOfOwner.shown;
    if (claim === undefined || this.log.rules.roleOf(user) === "owner") this.enter(device);
    else this.queue.push({ device, id: undefined, body: { type: "claim", ...claim }, member: NO_MEMBER });
  }

  joinPlain(index: number): void {
    this.log.hide(this.room.now);
    this.leave(index);
    const network = networkOf(index);
    const peer = this.room.open("plain", network);
    const user = peer.connection?.user ?? "";
    const hello = { history: 0, password: undefined };
    const device = new ModelDevice(peer, { user, owner: "", network, since: this.room.now, hello });
    this.log.came(user, this.room.now);
    this.devices.set(index, device);
    this.enter(device);
  }

  leave(index: number): void {
    const device = this.devices.get(index);
    if (device === undefined) return;
    this.devices.delete(index);
    this.room.close(device.peer);
    if (device.state === "joined") this.presence.left(device, this.room.now);
    // Without its welcome the device shows nothing.
    if (device.isJoining) this.#disconnected.delete(index);
    else this.#disconnected.set(index, device);
  }

  command(index: number, id: string, body: Exclude<ModelBody, ModelClaim>): void {
    const device = this.devices.get(index);
    // A wipe behind a hello would delete events before the device is checked.
    if (device === undefined || (device.state === "joining" && body.type === "wipe")) return;
    if (device.isPlain) {
      if (body.type !== "send") return;
      this.room.receiveFrame(device.peer, body.text);
      if (device.state === "waiting") device.notices += 1;
      else this.#submit(device, undefined, { type: "send", text: plainLine(body.text) });
      return;
    }
    this.room.receive(device.peer, { ...body, id });
    if (device.state === "joined") this.#sent.push({ user: device.user, id, body });
    this.#handle(device, id, () => this.#submit(device, id, body));
  }

  /** Repeats an earlier command of the device's user. */
  repeat(index: number, n: number): void {
    const user = this.devices.get(index)?.user;
    const sent = this.#sent.filter((command) => command.user === user);
    const command = sent[n % Math.max(1, sent.length)];
    if (command !== undefined && command.body.type !== "claim") this.command(index, command.id, command.body);
  }

  rename(index: number, id: string, name: string): void {
    const device = this.devices.get(index);
    if (device === undefined || device.isPlain) return;
    this.room.receive(device.peer, { type: "rename", id, name });
    this.#handle(device, id, () => {
      const errors = this.log.rules.renameErrors(device.user, this.room.now);
      if (errors.length === 0) this.presence.rename(device.user, name);
      device.expectResult(id, errors.length > 0 ? errors : ["renamed"], false);
    });
  }

  history(index: number, before: number, limit: number): void {
    this.log.hide(this.room.now);
    const device = this.devices.get(index);
    if (device === undefined || device.isPlain) return;
    this.#historyIds += 1;
    const id = `h${this.#historyIds}`;
    this.room.receive(device.peer, { type: "history", id, before, limit });
    this.#handle(device, id, () => {
      const page = this.log.page(before, limit);
      const oldest = page[0]?.seq ?? before;
      device.expectHistory(
        id,
        page,
        this.log.kept().some(({ seq }) => seq < oldest),
      );
    });
  }

  /** Lets time pass. */
  wait(ms: number): void {
    // A hello must not wait for its commit for as long as this.
    this.flush();
    this.room.now += ms;
    this.flush();
  }

  /** Evicts the room after 10 s of silence. Its sockets stay open. */
  hibernate(): void {
    this.wait(10_000);
    const devices = [...this.devices.values()];
    const waiting = devices.filter(({ state }) => state === "waiting").map(({ user }) => user);
    for (const device of devices)
      if (!device.isPlain && device.state === "joined" && this.log.rules.roleOf(device.user) !== "member")
        device.checkWaiting([...new Set(waiting)]);
    this.room.hibernate();
    this.log.evict();
    for (const device of devices)
      if (device.state === "waiting") device.hello = { history: 50, password: undefined };
    if (devices.every(({ isPlain }) => isPlain)) this.forgetEmptyRoom();
  }

  /** Ends the process: uncommitted commands and all sockets are lost. */
  crash(): void {
    this.queue = [];
    this.closing = [];
    this.room.crash();
    this.forgetEmptyRoom();
    for (const index of [...this.devices.keys()]) this.leave(index);
    this.presence.clear();
    this.log.evict();
  }

  /** Compares the whole log with the model. */
  checkLog(): void {
    this.flush();
    const { messages, events } = this.log.pruned;
    const from = Math.max(messages, events);
    const comparable = (page: RoomEvent[]) => page.map((event) => normalized(withoutId(event)));
    assert.deepEqual(comparable(this.room.log.after(from, 100_000).events), comparable(this.log.after(from)));
    assert.deepEqual(
      comparable(this.room.log.before(this.log.head + 1, 100_000).events),
      comparable(this.log.kept()),
    );
  }

  #seqOf(point: ResumePoint, last: ModelDevice | undefined): number | undefined {
    const { head } = this.log;
    if (typeof point === "number") return Math.round((point / 100) * head);
    return { none: undefined, last: last?.lastSeq, beyond: head + 1, "other epoch": head }[point];
  }

  /** Does what a command asks for if its device is in the room, or once it is. */
  #handle(device: ModelDevice, id: string, work: () => void): void {
    if (device.state === "joined") work();
    else if (device.state === "waiting") device.expectResult(id, [errorText("waiting")], false);
    else if (device.state === "joining") device.held.push(() => this.#handle(device, id, work));
  }

  #submit(device: ModelDevice, id: string | undefined, body: ModelBody): void {
    const member = "member" in body ? this.presence.find(body.member) : NO_MEMBER;
    this.queue.push({ device, id, body, member });
  }
}

const NO_MEMBER: Queued["member"] = { name: undefined, networks: [] };

/** Devices 3 and 4 are in one network. */
function networkOf(index: number): string | null {
  return index >= 3 ? "network" : null;
}

function helloLine(
  name: string,
  { resume, history, password }: ModelHello,
  claim: JoinOptions["claim"],
): ClientLine {
  return {
    ...{ type: "hello", name, key: keyOf(name), history },
    ...(resume && { resume }),
    ...(password !== undefined && { password }),
    ...(claim && { owner: claim.secret, ...(claim.create && { claim: claim.create }) }),
  };
}
