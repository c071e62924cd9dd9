/** A naive room on Durable Objects, as in many examples: forwards each message to every socket at once. */
import { DurableObject } from "cloudflare:workers";

interface NaiveEnv {
  readonly ROOM: DurableObjectNamespace<NaiveRoom>;
}

/** NaiveRoom stores nothing. */
export class NaiveRoom extends DurableObject<NaiveEnv> {
  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(_from: WebSocket, text: string): void {
    for (const socket of this.ctx.getWebSockets()) socket.send(text);
  }
}

export default {
  fetch: (request, env) => env.ROOM.getByName("bench").fetch(request),
} satisfies ExportedHandler<NaiveEnv>;
