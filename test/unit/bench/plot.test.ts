// The bench's plot is a valid SVG for any figures.
import fc from "fast-check";
import { expect, test } from "vitest";
import { plot } from "../../bench/plot.ts";

const figure = fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY));
const series = fc.record({
  name: fc.string(),
  points: fc.array(
    fc.record({ rate: fc.double({ min: 0.1, max: 1e9, noNaN: true }), p50: figure, p99: figure }),
  ),
});

test("draws any figures and escapes texts", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ title: fc.string(), limitsMs: fc.array(figure), series: fc.array(series) })),
      (panels) => {
        const svg = plot(panels).replace(/>[^<]*</g, "><");
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        expect(svg.match(/<polyline /g)?.length ?? 0).toBe(
          2 * panels.flatMap((panel) => panel.series).length,
        );
      },
    ),
  );
});

test("gives a series the same colour in every panel", () => {
  const points = [{ rate: 1000, p50: 1, p99: 2 }];
  const svg = plot([
    { title: "one", limitsMs: [250], series: [{ name: "a", points }] },
    {
      title: "two",
      limitsMs: [],
      series: [
        { name: "b", points },
        { name: "a", points },
      ],
    },
  ]);
  expect(svg.match(/<g fill="none" stroke="#0072b2"/g)).toHaveLength(2);
});
