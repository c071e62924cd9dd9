/** Plots latency against the offered rate, one panel per room size, as an SVG without scripts or fonts. */

/** Point is one run of one server. */
export interface Point {
  /** Offered deliveries per second. */
  readonly rate: number;
  /** ms. `Infinity` is drawn at the upper edge. */
  readonly p50: number;
  readonly p99: number;
}

/** Series is one server in one panel, in the order of rates. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Panel {
  readonly title: string;
  /** Drawn as horizontal lines. */
  readonly limitsMs: readonly number[];
  readonly series: readonly Series[];
}

const WIDTH = 340;
const HEIGHT = 260;
const LEFT = 52;
const TOP = 64;
const GAP = 30;
const BOTTOM = 48;
/** Range of the vertical axis, ms. */
const MIN_MS = 1;
const MAX_MS = 10_000;
/** Okabe and Ito's palette, which colour-blind readers can distinguish. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];

/** Returns an SVG of the panels side by side. Both axes are logarithmic. */
export function plot(panels: readonly Panel[]): string {
  const rates = panels.flatMap(({ series }) =>
    series.flatMap(({ points }) => points.map(({ rate }) => rate)),
  );
  const x = logScale(tenBelow(Math.min(...rates, 1e6)), tenAbove(Math.max(...rates, 1)), 0, WIDTH);
  const y = logScale(MIN_MS, MAX_MS, HEIGHT, 0);
  const names = [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  const colourOf = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length] ?? "black";
  const width = LEFT + panels.length * (WIDTH + GAP);
  const height = TOP + HEIGHT + BOTTOM;
  const body = panels.map((panel, i) => {
    const lines = panel.series.map(({ name, points }) => curves(points, colourOf(name), x.at, y.at));
    return [
      `<g transform="translate(${LEFT + i * (WIDTH + GAP)} ${TOP})">`,
      `<text y="-10" font-weight="bold">${escapeXml(panel.title)}</text>`,
      ...x.ticks.map((rate) =>
        tick(x.at(rate), 0, x.at(rate), HEIGHT, short(rate), x.at(rate), HEIGHT + 18, "middle"),
      ),
      ...y.ticks.map((ms) =>
        tick(0, y.at(ms), WIDTH, y.at(ms), i === 0 ? short(ms) : "", -8, y.at(ms) + 4, "end"),
      ),
      ...panel.limitsMs.map((ms) => {
        const at = round(y.at(ms));
        return `<line x2="${WIDTH}" y1="${at}" y2="${at}" stroke="#888" stroke-dasharray="2 3"/>`;
      }),
      ...lines,
      `<text x="${WIDTH / 2}" y="${HEIGHT + 38}" text-anchor="middle">offered deliveries per second</text>`,
      "</g>",
    ].join("\n");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" role="img">
<title>Latency in ms against the offered rate: p50 solid, p99 dashed</title>
<rect width="${width}" height="${height}" fill="white"/>
${legend(names, colourOf)}
<text x="12" y="${TOP - 10}">ms</text>
${body.join("\n")}
</svg>
`;
}

function legend(names: readonly string[], colourOf: (name: string) => string): string {
  const entries = names.map((name, i) => {
    const at = LEFT + i * 110;
    return `<line x1="${at}" x2="${at + 20}" y1="20" y2="20" stroke="${colourOf(name)}" stroke-width="3"/><text x="${at + 26}" y="24">${escapeXml(name)}</text>`;
  });
  return `${entries.join("\n")}\n<text x="${LEFT + names.length * 110}" y="24">solid p50, dashed p99; dotted: limits</text>`;
}

function curves(
  points: readonly Point[],
  colour: string,
  x: (rate: number) => number,
  y: (ms: number) => number,
): string {
  const at = (part: "p50" | "p99") =>
    points.map((point) => `${round(x(point.rate))},${round(y(point[part]))}`).join(" ");
  const dots = points.map(
    ({ rate, p99 }) => `<circle cx="${round(x(rate))}" cy="${round(y(p99))}" r="2.5"/>`,
  );
  return `<g fill="none" stroke="${colour}" stroke-width="2"><polyline points="${at("p50")}"/><polyline points="${at("p99")}" stroke-dasharray="5 3"/></g><g fill="${colour}">${dots.join("")}</g>`;
}

function tick(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  label: string,
  x: number,
  y: number,
  anchor: "middle" | "end",
): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="#ddd"/><text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="#555">${label}</text>`;
}

/** Maps `low` to `high` logarithmically to `from` to `to`, and clamps values outside. */
function logScale(low: number, high: number, from: number, to: number) {
  const span = Math.log10(high / low);
  const ticks = Array.from({ length: Math.round(span) + 1 }, (_, i) => low * 10 ** i);
  const at = (value: number) => {
    const part = Math.log10(Math.min(high, Math.max(low, value)) / low) / span;
    return from + (to - from) * part;
  };
  return { at, ticks };
}

const tenBelow = (value: number) => 10 ** Math.floor(Math.log10(value));
const tenAbove = (value: number) => 10 ** Math.ceil(Math.log10(value));

function round(value: number): string {
  return value.toFixed(1);
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e3 ? `${value / 1e3}k` : String(value);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
