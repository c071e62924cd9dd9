/**
 * ModelRoom: the real room and the model of it, with the devices and the commands that wait for a flush. It flushes
 * both, decides by the model who enters and who is disconnected, and checks what the devices received.
 */
import assert from "node:assert/strict";
import { isTimelineEvent, type RoomEvent } from "../../src/protocol/index.ts";
import type { ModelDevice, ModelHello, Reason } from "./model-device.ts";
import { ModelLog, normalized, withoutId } from "./model-log.ts";
import { ModelPresence } from "./model-presence.ts";
import { errorText, type ModelBody } from "./model-rules.ts";
import { TestRoom } from "./test-room.ts";

/** Queued is a log command, or a claim, that waits for the next flush. */
export interface Queued {
  readonly device: ModelDevice;
  readonly id: string | undefined;
  readonly body: ModelBody;
  /** What the room must know of the member when the command arrives. */
  readonly member: { readonly name: string | undefined; readonly networks: readonly string[] };
}

export class ModelRoom {
  readonly room: TestRoom;
  readonly log = new ModelLog();
  readonly #historyLimit: number;
  protected readonly devices = new Map<number, ModelDevice>();
  /** Devices that the room disconnects with the next flush. */
  protected closing: ModelDevice[] = [];
  protected readonly presence = new ModelPresence(() => this.devices.values());
  protected queue: Queued[] = [];
  /** Rows that were in the log at any time of the last flush, as `rowKey` returns them: one set for each epoch. */
  #rows: Set<string>[] = [];
  protected epoch = "";

  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
    this.room = new TestRoom({ historyLimit });
  }

  /** Flushes the room. The store fails at statement `failAt` of the flush, or at its commit if that is earlier. */
  flush(failAt?: number): void {
    let hasEntered = this.#flushOnce(failAt);
    // Those who enter after a commit are told with the next flush, as is what they asked for meanwhile.
    while (hasEntered || this.queue.length > 0) hasEntered = this.#flushOnce();
    for (const device of [...this.devices.values(), ...this.closing]) {
      if (!device.isPlain) device.checkLines(this.log, this.room.now);
      if (this.epoch === "") this.epoch = device.epoch;
      if (device.state === "joined" && !device.isPlain)
        assert.equal(device.epoch, this.epoch, "a log has one epoch");
    }
    this.closing = [];
  }

  /** A room without events stores nothing: without a session that has its secrets, it makes new user ids. */
  protected forgetEmptyRoom(): void {
    if (this.log.head === 0) this.epoch = "";
  }

  /** Decides whether a device may enter, and expects what it is told. */
  protected enter(device: ModelDevice): void {
    const { user, network, hello } = device;
    const { now } = this.room;
    const result = this.log.rules.entry(user, network, this.presence.has(user), hello.password, now);
    if (result === "waits") {
      if (device.state !== "waiting") device.expectWait();
    } else if (result === "enters") {
      this.#join(device, hello);
    } else {
      device.expectRefusal(result, true);
      this.remove(device);
    }
  }

  #join(device: ModelDevice, { resume, history }: ModelHello): void {
    const { user } = device;
    if (device.isPlain) {
      device.state = "joined";
      device.name = device.peer.session?.name ?? "";
      return;
    }
    const isKnownEpoch = this.epoch !== "" && resume?.epoch === this.epoch;
    const resumed = resume !== undefined && isKnownEpoch && this.log.canResume(resume.seq);
    const kept = this.log.kept();
    const events = resumed ? this.log.after(resume.seq) : this.log.page(this.log.head + 1, history);
    const oldest = resumed ? resume.seq + 1 : (events[0]?.seq ?? this.log.head + 1);
    device.expectWelcome({
      seq: this.log.head,
      resumed,
      events: events.map((event) => normalized(event.user === user ? event : withoutId(event))),
      more: kept.some((message) => message.seq < oldest),
    });
    if (!resumed) device.shown = new Map();
    this.presence.entered(device);
  }

  /** Takes a device that the room disconnects out of the run. It is checked once more. */
  protected remove(device: ModelDevice): void {
    for (const [index, other] of this.devices) if (other === device) this.devices.delete(index);
    this.closing.push(device);
  }

  /** Does one flush. Returns whether a device entered, or was refused, after the commit. */
  #flushOnce(failAt?: number): boolean {
    const queue = this.queue;
    this.queue = [];
    this.presence.expire(this.room.now);
    this.log.hide(this.room.now);
    const { epoch } = this.room.log;
    const failed = this.#runRoom(queue.length > 0 ? failAt : undefined);
    this.log.startBatch();
    for (const queued of queue) this.#apply(queued, failed);
    if (failed) this.log.forgetTimes();
    const { batch } = this.log;
    const wiped = batch.findLastIndex(({ type }) => type === "wipe");
    if (wiped >= 0) {
      this.epoch = this.room.log.epoch;
      assert.notEqual(this.epoch, epoch, "a wipe starts another epoch");
      assert(this.#rows.length > 1, "a wipe deletes all rows");
    }
    this.log.hide(this.room.now);
    this.#readPruning();
    const plainUsers = new Set(queue.flatMap(({ device }) => (device.isPlain ? [device.user] : [])));
    const readers = [...this.devices.values(), ...this.closing].filter(({ isPlain }) => isPlain);
    const read = new Map(
      readers.map((device) => [device, device.state === "joined" && wiped < 0 ? batch : []]),
    );
    this.#eject(batch);
    for (const [device, events] of read) device.checkTexts(events, plainUsers);
    return this.#decide(queue, batch);
  }

  /** Flushes the real room, with a fault or without. Returns whether the fault occurred. */
  #runRoom(failAt: number | undefined): boolean {
    let statements = 0;
    let failed = false;
    this.#rows = [new Set()];
    this.room.store.fault = (query) => {
      statements += 1;
      // A row can be written, and changed or pruned, in the same flush.
      if (query === "COMMIT" || /^(DELETE|UPDATE)/.test(query)) this.#noteRows();
      // The end of a wipe. The new log can have equal rows under the same seqs.
      if (query === "DELETE FROM events") this.#rows.push(new Set());
      if (failAt === undefined || failed || (statements < failAt && query !== "COMMIT")) return;
      failed = true;
      throw new Error("disk full");
    };
    this.room.run();
    this.room.store.fault = undefined;
    return failed;
  }

  #apply({ device, id, body, member }: Queued, failed: boolean): void {
    const { user, name } = device;
    const wipes = this.log.batch.filter(({ type }) => type === "wipe").length;
    const [epoch, seq] = body.type === "wipe" ? [wipes + 1, 1] : [wipes, this.log.head + 1];
    const { text, reply } = body.type === "send" ? body : {};
    const row = rowKey({ seq, user, id, text, reply });
    const isNew = () => this.#rows[epoch]?.has(row) === true;
    const present = this.presence.users(this.log.batch);
    const { networks } = member;
    const memberName =
      "member" in body && this.presence.find(body.member).name === member.name ? member.name : undefined;
    const circumstances = { present, networks, memberName, since: device.since };
    const command = { user, name, id, body, circumstances };
    const count = this.log.batch.length;
    const allowed = failed ? ["internal"] : this.log.apply(command, this.room.now, isNew);
    const isAccepted = this.log.batch.length > count;
    // A seq of the new epoch can be lower than one that the device has.
    const isNewSeq = isAccepted && this.log.batch.every(({ type }) => type !== "wipe");
    if (body.type === "claim") {
      if (typeof allowed[0] === "string") device.expectError(allowed[0]);
    } else if (id !== undefined) device.expectResult(id, allowed, isNewSeq);
    else if (!isAccepted) device.notices += 1;
  }

  /** Expects the disconnections that the events of a batch cause. */
  #eject(batch: readonly RoomEvent[]): void {
    if (!batch.some((event) => isTimelineEvent(event) && event.type !== "message")) return;
    for (const device of [...this.devices.values()]) {
      if (device.state !== "joined") continue;
      const { user, network } = device;
      const reasons: Reason[] = [];
      for (const event of batch) {
        if (event.type === "wipe") reasons.push({ code: 4012 });
        if (event.type === "remove" && event.member === user)
          reasons.push({ code: 4504, error: errorText("removed", { reason: event.reason }) });
      }
      const entry = this.log.rules.entry(user, network, true, undefined, this.room.now);
      if (typeof entry === "object") reasons.push(entry);
      if (reasons.length === 0) continue;
      device.expectClose(reasons);
      this.remove(device);
      this.presence.left(device, this.room.now);
    }
    this.presence.moderated(batch);
  }

  /** Lets those in who may enter now, and refuses those who may not. Returns whether there are any. */
  #decide(queue: readonly Queued[], batch: readonly RoomEvent[]): boolean {
    const before = new Map([...this.devices.values()].map((device) => [device, device.state]));
    for (const device of before.keys()) {
      const isRefused = batch.some(
        (event) => event.type === "admit" && !event.on && event.member === device.user,
      );
      if (device.state !== "waiting" || !isRefused) continue;
      device.expectRefusal({ code: 4509, error: errorText("not_admitted") }, false);
      this.remove(device);
    }
    for (const { device, body } of queue) {
      if (body.type !== "claim" || device.state !== "joining" || !before.has(device)) continue;
      this.enter(device);
      for (const work of device.held.splice(0)) work();
    }
    for (const [device, state] of before)
      if (state === "waiting" && device.state === "waiting") this.enter(device);
    return [...before].some(([device, state]) => device.state !== state);
  }

  #noteRows(): void {
    for (const table of ["messages", "events"] as const) {
      for (const row of this.room.store.table(table)) {
        const isMessage = table === "messages" && row.type === null;
        const key = rowKey(isMessage ? row : { seq: row.seq, user: row.user, id: row.id });
        this.#rows.at(-1)?.add(key);
      }
    }
  }

  /** Reads what the room pruned, which it may decide within bounds, and checks the bounds. */
  #readPruning(): void {
    const slack = Math.max(1, Math.floor(this.#historyLimit / 10));
    for (const table of ["messages", "events"] as const) {
      const rows = this.room.store.table(table).map(({ seq }) => Number(seq));
      const seqs = rows.sort((a, b) => a - b);
      const all = this.log.events.filter((event) => isTimelineEvent(event) === (table === "messages"));
      const kept = all.slice(Math.max(0, all.length - seqs.length));
      assert.deepEqual(
        seqs,
        kept.map(({ seq }) => seq),
        "the newest events are kept, without gaps",
      );
      const young = all.filter(({ seq }) => seq > this.log.pruned[table]);
      const read = kept.filter(({ seq }) => seq > this.log.pruned[table]);
      assert(read.length >= Math.min(young.length, this.#historyLimit), "no event is pruned too early");
      assert(read.length < this.#historyLimit + slack, "events beyond the limit are pruned");
      this.log.deleted[table] = all[all.length - kept.length - 1]?.seq ?? 0;
    }
    // The room decides when it unpins a message that is too old.
    const { pinned } = this.log.rules;
    const isPinned = this.room.rules.settings.pinned !== undefined;
    if (pinned !== undefined && pinned <= this.log.pruned.messages && !isPinned) this.log.rules.unpin();
  }
}

/** Tells rows apart: also two messages of one user with one id, of which the room accepts one. */
function rowKey({ seq, user, id, text, reply }: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([seq, user, id ?? null, text ?? null, reply ?? null]);
}
