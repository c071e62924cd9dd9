/** A QR code. */
import { correction, generate } from "lean-qr/nano";
import { useMemo } from "preact/hooks";

/** Width of the white margin that scanners need, in modules. */
const QUIET_ZONE = 4;

interface QrCodeProps {
  readonly text: string;
  /** Description for screen readers. */
  readonly label: string;
}

export function QrCode({ text, label }: QrCodeProps) {
  const { size, path } = useMemo(() => draw(text), [text]);
  const side = size + 2 * QUIET_ZONE;
  return (
    <svg
      class="qr-code"
      viewBox={`${-QUIET_ZONE} ${-QUIET_ZONE} ${side} ${side}`}
      role="img"
      aria-label={label}
    >
      <path d={path} />
    </svg>
  );
}

/** Returns the number of modules on a side, and the outline of the dark ones. */
function draw(text: string): { readonly size: number; readonly path: string } {
  // A phone scans a screen: some modules may be covered by reflections.
  const code = generate(text, { minCorrectionLevel: correction.M });
  let path = "";
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      const start = x;
      while (code.get(x, y)) x += 1;
      if (x > start) path += `M${start} ${y}h${x - start}v1H${start}z`;
    }
  }
  return { size: code.size, path };
}
