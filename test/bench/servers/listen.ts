/** Listening, the same for each server of the bench that runs in Node. */
import type { Server } from "node:net";

/** A thousand people may come at once; the default of 511 would make some of them wait for a second. */
const BACKLOG = 4_096;

/** Lets the system choose a port, and says where the server listens. */
export function listen(server: Server): void {
  server.listen({ host: "127.0.0.1", port: 0, backlog: BACKLOG }, () => {
    const address = server.address();
    if (typeof address === "object") console.log(`listening on http://127.0.0.1:${address?.port}`);
  });
}
