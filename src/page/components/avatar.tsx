/** A person's picture: the first letter of the name on the colour of the id. */
import { hueOf } from "../text/color.ts";
import { firstGrapheme } from "../text/graphemes.ts";

export function Avatar({ user, name }: { readonly user: string; readonly name: string }) {
  return (
    <span class="avatar" style={{ "--hue": hueOf(user) }} aria-hidden="true">
      {firstGrapheme(name.toUpperCase()) || "?"}
    </span>
  );
}
