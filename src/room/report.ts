/** Report logs something for the operator. `detail` never holds a text, a key or an address. */
export type Report = (event: string, detail: unknown) => void;

/** Shortest time between two lines of one kind: errors that clients cause must not fill the log. */
const INTERVAL_MS = 1_000;

/**
 * Returns a Report that writes at most one line a second for each event, with the number of lines left out since.
 *
 * @param write - writes a line
 * @param now - returns the time, Unix ms
 */
export function throttledReport(write: (line: ReportLine) => void, now: () => number): Report {
  const written = new Map<string, { at: number; omitted: number }>();
  return (event, detail) => {
    const at = now();
    const last = written.get(event);
    // After the clock was set back, the difference is negative.
    if (last !== undefined && Math.abs(at - last.at) < INTERVAL_MS) {
      last.omitted += 1;
      return;
    }
    const reason = detail instanceof Error ? (detail.stack ?? detail.message) : String(detail);
    const omitted = last?.omitted ?? 0;
    written.set(event, { at, omitted: 0 });
    write({ event, reason, ...(omitted > 0 && { omitted }) });
  };
}

/** ReportLine is one line of the log. */
export interface ReportLine {
  readonly event: string;
  readonly reason: string;
  /** Lines of this event that were left out since the last one. */
  readonly omitted?: number;
}
