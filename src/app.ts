/** The app: Hono routes to the page, the rooms' sockets, the HTTP API and the health check. */
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { api } from "./app/api.ts";
import { apiError, textError } from "./app/errors.ts";
import { page, pageNotFound } from "./app/page.ts";
import { upgrade } from "./app/upgrade.ts";

/** Paths of uploaded files. */
const FILE = /^\/api\/rooms\/[^/]+\/files\//;

const app = new Hono<{ Bindings: Env }>();

app.all("/ws", upgrade);
app.all("/ws/*", upgrade);

app.get("/r/*", page);

// Files get their headers from static/_headers. Sockets get none: changing a header of a 101 makes it a 500.
const policy = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
const options = {
  contentSecurityPolicy: policy,
  referrerPolicy: "no-referrer",
  strictTransportSecurity: "max-age=31536000",
  xFrameOptions: "DENY",
};
const headers = secureHeaders(options);
// What users upload is sandboxed, so that it has no origin even if a browser shows it as a page.
const fileHeaders = secureHeaders({ ...options, contentSecurityPolicy: { sandbox: [], ...policy } });
app.use("/api/*", (c, next) => (FILE.test(c.req.path) ? fileHeaders : headers)(c, next));
app.route("/api", api);
app.get("/healthz", headers, (c) => c.text("ok"));

app.notFound(pageNotFound);

app.onError((error, c) => {
  if (error instanceof HTTPException) return error.getResponse();
  // An overloaded or moving object is available again soon. An immediate retry would add to the load.
  if ("overloaded" in error || "retryable" in error) {
    const message = "the room is not available: try again in a second";
    const headers = { "Retry-After": "1" };
    const isSocket = c.req.path.startsWith("/ws");
    return (
      isSocket ? textError(503, message, headers) : apiError("unavailable", message, { headers })
    ).getResponse();
  }
  const reason = error.stack ?? error.message;
  console.error(JSON.stringify({ event: "a request failed", method: c.req.method, reason }));
  return apiError("internal", "something went wrong here").getResponse();
});

export default app;
