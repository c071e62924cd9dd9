/** The app: Hono routes to the page, the rooms' sockets, the HTTP API and the health check. */
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { api, apiError } from "./app/api.ts";
import { page, pageNotFound } from "./app/page.ts";
import { upgrade } from "./app/upgrade.ts";

const app = new Hono<{ Bindings: Env }>();

app.all("/ws", upgrade);
app.all("/ws/*", upgrade);

app.get("/r/*", page);

// Files get their headers from static/_headers, sockets none: a 101 whose headers are touched becomes a 500.
const headers = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  referrerPolicy: "no-referrer",
  strictTransportSecurity: "max-age=31536000",
  xFrameOptions: "DENY",
});
app.use("/api/*", headers);
app.route("/api", api);
app.get("/healthz", headers, (c) => c.text("ok"));

app.notFound(pageNotFound);

app.onError((error, c) => {
  // A room that is overloaded, or on the move, is back soon; asking again at once would make it worse.
  if ("overloaded" in error || "retryable" in error) {
    return apiError(c, "unavailable", "the room is not available: try again in a second", {
      "Retry-After": "1",
    });
  }
  // What nobody expected: one line for the operator, and no word of it to the outside.
  console.error(
    JSON.stringify({ event: "a request failed", method: c.req.method, reason: error.stack ?? error.message }),
  );
  return apiError(c, "internal", "something went wrong here");
});

export default app;
