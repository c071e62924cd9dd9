// A port for a service that is to come back at the same address.
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections. */
const FROM = 20_000;
const TO = 32_000;

/**
 * A port that nothing listens on. One that the system chooses is among those of outgoing connections, and while the
 * service is gone, a client that looks for it may be given that very port.
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
