// A port for a service that is restarted at the same address.
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Range below the ports that systems use for outgoing connections. */
const FROM = 20_000;
const TO = 32_000;

/**
 * Returns a free port. A port that the system chooses can also become the local port of an outgoing connection
 * while the service is down, for example that of a client which tries to reconnect.
 */
export async function stablePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FROM, TO);
    const probe = createServer().listen(port, "127.0.0.1");
    const isFree = await once(probe, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}
