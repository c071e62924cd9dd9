/** RoomRelay: the Durable Object of a relay. It connects the relay to the runtime and to its room. */
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { MISDIRECTED, networkOf, PING, PONG, STALE_AFTER_MS } from "../protocol/index.ts";
import { roomConfig } from "../room/config.ts";
import type { Acquaintance, Delivery, Position, RelayCalls, RelaySink } from "../room/feed.ts";
import { fileLookup } from "../room/file-lookup.ts";
import { networkId } from "../room/identity.ts";
import { mayOpenRoom, tooManyRooms } from "../room/new-rooms.ts";
import { type Report, type ReportLine, throttledReport } from "../room/report.ts";
import { Sockets } from "../room/sockets.ts";
import { Relay } from "./relay.ts";
import { roomCalls } from "./room-calls.ts";

const POSITION = "position";

/** FeedSink takes the deliveries of one session, called by the room. */
class FeedSink extends RpcTarget implements RelaySink {
  readonly #sink: RelaySink;
  readonly #onDrop: () => void;

  constructor(sink: RelaySink, onDrop: () => void) {
    super();
    this.#sink = sink;
    this.#onDrop = onDrop;
  }

  deliver(delivery: Delivery): Promise<void> {
    return this.#sink.deliver(delivery);
  }

  /** The room has dropped it, or is gone. */
  [Symbol.dispose](): void {
    this.#onDrop();
  }
}

/** RelayEnv has the bindings that a deployment may leave out. */
type RelayEnv = Omit<Env, "FILES"> & Partial<Pick<Env, "FILES">>;

export class RoomRelay extends DurableObject<RelayEnv> implements RelayCalls {
  readonly #relay: Relay;
  readonly #sockets: Sockets;
  /** Whether an alarm is set for the sweep of stale connections. */
  #isSweepSet = false;

  constructor(ctx: DurableObjectState, env: RelayEnv) {
    super(ctx, env);
    const { room, relay: name } = parseRelayId(ctx.id.name ?? "");
    const report: Report = throttledReport((line) => this.#write(line), Date.now);
    const { kv } = ctx.storage;
    const { FILES: files = null } = env;
    this.#relay = new Relay({
      ...{ name, room, report },
      config: roomConfig(env, (sentence) => report("bad configuration", sentence)),
      files:
        files &&
        fileLookup(
          () => files.getByName(room),
          report,
          () => this.#sockets.run(),
        ),
      calls: roomCalls(env.ROOMS, room),
      exported: (sink, onDrop) => new FeedSink(sink, onDrop),
      saved: kv.get<Position>(POSITION) ?? null,
      save: (position) => {
        if (position === null) kv.delete(POSITION);
        else kv.put(POSITION, position);
      },
      onChange: () => this.#sockets.run(),
      now: Date.now,
    });
    // The runtime answers pings without waking the relay.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#sockets = new Sockets({ ctx, hosted: this.#relay, report, onRun: () => this.#keepSweep() });
    const restored = this.#sockets.restore();
    this.#isSweepSet = this.#relay.audience.needsSweep;
    if (restored > 0) this.#sockets.run();
  }

  /** Accepts a socket. The Worker has checked the handshake. */
  override async fetch(request: Request): Promise<Response> {
    await this.#relay.attach();
    if (this.#relay.isClosed) return new Response(null, { status: MISDIRECTED });
    const network = networkOf(request.headers.get("CF-Connecting-IP") ?? "");
    if (this.#relay.isInNewRoom && !(await mayOpenRoom(this.env.NEW_ROOMS, network))) return tooManyRooms();
    const id = network === "" ? null : networkId(this.#relay.secrets.secret, network);
    return this.#sockets.accept(request, id);
  }

  override webSocketMessage(ws: WebSocket, frame: string | ArrayBuffer): void {
    this.#sockets.message(ws, frame);
  }

  override webSocketClose(ws: WebSocket, code: number, reason: string): void {
    this.#sockets.closed(ws, code, reason);
  }

  override webSocketError(ws: WebSocket): void {
    this.#sockets.disconnected(ws);
  }

  /** Closes stale connections. */
  override alarm(): void {
    const next = this.#relay.audience.sweep(Date.now());
    this.#isSweepSet = next !== null;
    if (next !== null) void this.ctx.storage.setAlarm(next);
    this.#sockets.run();
  }

  wake(ended: string | null): Promise<string | null> {
    return this.#relay.wake(ended);
  }

  async users(): Promise<readonly string[]> {
    return this.#relay.audience.users;
  }

  async about(user: string): Promise<Acquaintance> {
    return this.#relay.audience.about(user);
  }

  /** Keeps an alarm while a stale connection would be visible to others. */
  #keepSweep(): void {
    const { needsSweep } = this.#relay.audience;
    if (needsSweep === this.#isSweepSet) return;
    this.#isSweepSet = needsSweep;
    if (needsSweep) void this.ctx.storage.setAlarm(Date.now() + STALE_AFTER_MS);
    else void this.ctx.storage.deleteAlarm();
  }

  #write(line: ReportLine): void {
    const relay = this.ctx.id.toString();
    console.error(JSON.stringify({ ...line, relay, connections: this.ctx.getWebSockets().length }));
  }
}

/** Returns the room and the relay of an object's name: a room's name has no slash. */
function parseRelayId(name: string): { room: string; relay: string } {
  const slash = name.indexOf("/");
  return { room: name.slice(0, slash), relay: name.slice(slash + 1) };
}
