/** ModelRun: one run of the real room beside the model. Each step is applied to both, and every line is checked. */
import assert from "node:assert/strict";
import { plainLine } from "../../src/protocol/index.ts";
import { ModelDevice } from "./model-device.ts";
import { type ModelBody, ModelLog, normalized, withoutId } from "./model-log.ts";
import { keyOf, TestRoom } from "./test-room.ts";

/**
 * ResumePoint says where a join resumes: not at all, after the last seq of the device, from another epoch,
 * beyond the head, or at this percentage of the log.
 */
export type ResumePoint = "none" | "last" | "other epoch" | "beyond" | number;

/** Queued is a log command that waits for the next flush. */
interface Queued {
  readonly device: ModelDevice;
  readonly id: string | undefined;
  readonly body: ModelBody;
}

/** ModelRun numbers the devices. A device that joins again takes the place of the one before it. */
export class ModelRun {
  readonly room: TestRoom;
  readonly log = new ModelLog();
  readonly #historyLimit: number;
  readonly #devices = new Map<number, ModelDevice>();
  /** The devices without a connection. They still show their messages. */
  readonly #disconnected = new Map<number, ModelDevice>();
  /** User ids by owner. */
  readonly #users = new Map<string, string>();
  readonly #sent: { readonly user: string; readonly id: string; readonly body: ModelBody }[] = [];
  #queue: Queued[] = [];
  /** Rows that were in the log at any time of the last flush: seq, user and id. */
  readonly #rows = new Set<string>();
  #epoch = "";
  #historyIds = 0;

  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
    this.room = new TestRoom({ historyLimit });
  }

  /** Returns the seq of message `n`, modulo their number. For every fifth `n` the seq may be any. */
  target(n: number): number {
    const seqs = [...this.log.messages.keys()];
    return n % 5 === 0 || seqs.length === 0 ? n + 1 : (seqs[n % seqs.length] ?? 1);
  }

  join(index: number, owner: string, point: ResumePoint, history: number): void {
    this.leave(index);
    const last = this.#disconnected.get(index);
    const lastOfOwner = last?.owner === owner ? last : undefined;
    const seq = this.#seqOf(point, lastOfOwner);
    const epoch = point === "other epoch" ? "other" : this.#epoch;
    const resume = seq === undefined ? {} : { resume: { epoch, seq } };
    const peer = this.room.open();
    this.room.receive(peer, { type: "hello", name: owner, key: keyOf(owner), history, ...resume });
    const device = new ModelDevice(peer, owner);
    const { user } = device;
    assert.equal(this.#users.get(owner) ?? user, user, "a key is one user");
    this.#users.set(owner, user);
    const isKnownEpoch = this.#epoch !== "" && epoch === this.#epoch;
    const resumed = seq !== undefined && isKnownEpoch && this.log.canResume(seq);
    const kept = this.log.kept();
    const events = resumed ? this.log.after(seq) : history === 0 ? [] : kept.slice(-history);
    const oldest = resumed ? seq + 1 : (events[0]?.seq ?? this.log.head + 1);
    device.expectWelcome({
      seq: this.log.head,
      resumed,
      events: events.map((event) => normalized(event.user === user ? event : withoutId(event))),
      more: kept.some((message) => message.seq < oldest),
    });
    if (resumed && point === "last" && lastOfOwner !== undefined) device.shown = lastOfOwner.shown;
    this.#devices.set(index, device);
    this.#nameAll(user, owner);
  }

  joinPlain(index: number): void {
    this.leave(index);
    this.#devices.set(index, new ModelDevice(this.room.open("plain"), ""));
  }

  leave(index: number): void {
    const device = this.#devices.get(index);
    if (device === undefined) return;
    this.#devices.delete(index);
    this.room.close(device.peer);
    // Without its welcome the device shows nothing.
    if (device.isJoining) this.#disconnected.delete(index);
    else this.#disconnected.set(index, device);
  }

  command(index: number, id: string, body: ModelBody): void {
    const device = this.#devices.get(index);
    if (device === undefined) return;
    if (!device.isPlain) {
      this.room.receive(device.peer, { ...body, id });
      this.#sent.push({ user: device.user, id, body });
      this.#queue.push({ device, id, body });
    } else if (body.type === "send") {
      this.room.receiveFrame(device.peer, body.text);
      this.#queue.push({ device, id: undefined, body: { type: "send", text: plainLine(body.text) } });
    }
  }

  /** Repeats an earlier command of the device's user. */
  repeat(index: number, n: number): void {
    const user = this.#devices.get(index)?.user;
    const sent = this.#sent.filter((command) => command.user === user);
    const command = sent[n % Math.max(1, sent.length)];
    if (command !== undefined) this.command(index, command.id, command.body);
  }

  rename(index: number, id: string, name: string): void {
    const device = this.#devices.get(index);
    if (device === undefined || device.isPlain) return;
    this.room.receive(device.peer, { type: "rename", id, name });
    this.#nameAll(device.user, name);
    device.expectResult(id, ["renamed"], false);
  }

  history(index: number, before: number, limit: number): void {
    const device = this.#devices.get(index);
    if (device === undefined || device.isPlain) return;
    this.#historyIds += 1;
    const id = `h${this.#historyIds}`;
    this.room.receive(device.peer, { type: "history", id, before, limit });
    const older = this.log.kept().filter(({ seq }) => seq < before);
    device.expectHistory(id, older.slice(-limit), older.length > limit);
  }

  /** Flushes the room. The store fails at statement `failAt` of the flush, or at its commit if that is earlier. */
  flush(failAt?: number): void {
    let statements = 0;
    let failed = false;
    this.#rows.clear();
    this.room.store.fault = (query) => {
      statements += 1;
      // A row can be written and pruned in the same flush.
      if (query === "COMMIT" || query.startsWith("DELETE")) this.#noteRows();
      if (failAt === undefined || failed || (statements < failAt && query !== "COMMIT")) return;
      failed = true;
      throw new Error("disk full");
    };
    this.room.step();
    this.room.store.fault = undefined;
    const queue = this.#queue;
    this.#queue = [];
    const { head } = this.log;
    for (const queued of queue) this.#apply(queued, failed);
    this.#readPruning();
    this.#checkDevices(queue, head, failed);
  }

  /** Evicts the room after 10 s of silence. Its sockets stay open. */
  hibernate(): void {
    this.flush();
    this.room.now += 10_000;
    this.flush();
    this.room.hibernate();
    this.log.evict();
    if ([...this.#devices.values()].every(({ isPlain }) => isPlain)) this.#forgetEmptyRoom();
  }

  /** Ends the process: uncommitted commands and all sockets are lost. */
  crash(): void {
    this.#queue = [];
    this.room.crash();
    this.#forgetEmptyRoom();
    for (const index of [...this.#devices.keys()]) this.leave(index);
    this.log.evict();
  }

  /** Compares the whole log with the model. */
  checkLog(): void {
    this.flush();
    const { messages, events } = this.log.pruned;
    const from = Math.max(messages, events);
    const comparable = (page: Parameters<typeof withoutId>[0][]) =>
      page.map((event) => normalized(withoutId(event)));
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

  /** Names a user on all devices. */
  #nameAll(user: string, name: string): void {
    for (const device of this.#devices.values()) if (device.user === user) device.name = name;
  }

  /** A room without events stores nothing: without a session that has its secrets, it makes new user ids. */
  #forgetEmptyRoom(): void {
    if (this.log.head > 0) return;
    this.#users.clear();
    this.#epoch = "";
  }

  #apply({ device, id, body }: Queued, failed: boolean): void {
    const { user, name } = device;
    const seq = this.log.head + 1;
    const isNew = () => this.#rows.has(`${seq} ${user} ${id}`);
    const allowed = failed
      ? (["internal"] as const)
      : this.log.apply({ user, name, id, body }, this.room.now, isNew);
    if (id !== undefined) device.expectResult(id, allowed, this.log.head === seq);
  }

  #checkDevices(queue: readonly Queued[], head: number, failed: boolean): void {
    const plainUsers = new Set(queue.flatMap(({ device }) => (device.isPlain ? [device.user] : [])));
    for (const device of this.#devices.values()) {
      if (device.isPlain) {
        const rejected = failed ? queue.filter((queued) => queued.device === device).length : 0;
        device.checkTexts(this.log.events.slice(head), rejected, plainUsers);
        continue;
      }
      device.checkLines(this.log);
      if (this.#epoch === "") this.#epoch = device.epoch;
      assert.equal(device.epoch, this.#epoch, "a log has one epoch");
    }
  }

  #noteRows(): void {
    for (const table of ["messages", "events"] as const) {
      for (const row of this.room.store.table(table)) this.#rows.add(`${row.seq} ${row.user} ${row.id}`);
    }
  }

  /** Reads what the room pruned, which it may decide within bounds, and checks the bounds. */
  #readPruning(): void {
    const slack = Math.max(1, Math.floor(this.#historyLimit / 10));
    for (const table of ["messages", "events"] as const) {
      const rows = this.room.store.table(table).map(({ seq }) => Number(seq));
      const seqs = rows.sort((a, b) => a - b);
      const isMessage = table === "messages";
      const all = this.log.events.filter(({ type }) => (type === "message") === isMessage);
      const kept = all.slice(all.length - seqs.length);
      assert.deepEqual(
        seqs,
        kept.map(({ seq }) => seq),
        "the newest events are kept, without gaps",
      );
      assert(kept.length >= Math.min(all.length, this.#historyLimit), "no event is pruned too early");
      assert(kept.length < this.#historyLimit + slack, "events beyond the limit are pruned");
      this.log.pruned[table] = all[all.length - kept.length - 1]?.seq ?? 0;
    }
  }
}
