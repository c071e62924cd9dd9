/** A person's picture: the first letter of the name on the colour of the id. */
import { hueOf } from "../text/color.ts";

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

export function Avatar({ user, name }: { readonly user: string; readonly name: string }) {
  const [first] = segmenter.segment(name.toUpperCase());
  return (
    <span class="avatar" style={{ "--hue": hueOf(user) }} aria-hidden="true">
      {first?.segment ?? "?"}
    </span>
  );
}
