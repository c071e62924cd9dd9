/** Shared by the servers that run in Node. */
import type { Server } from "node:net";

/** A thousand clients connect at once; with the default of 511 some would wait for a second. */
const BACKLOG = 4_096;

/** Listens on a free port and prints the address. */
export function listen(server: Server): void {
  server.listen({ host: "127.0.0.1", port: 0, backlog: BACKLOG }, () => {
    const address = server.address();
    if (typeof address === "object") console.log(`listening on http://127.0.0.1:${address?.port}`);
  });
}
