/** A person's picture: the first letter of the name on the colour of the user id. */
import { firstGrapheme } from "../text/graphemes.ts";

interface AvatarProps {
  readonly user: string;
  readonly name: string;
  /** For the mouse only: a button beside the avatar does the same. */
  readonly onClick?: (event: MouseEvent) => void;
}

export function Avatar({ user, name, onClick }: AvatarProps) {
  return (
    <span class="avatar" style={{ "--hue": hueOf(user) }} aria-hidden="true" onClick={onClick}>
      {firstGrapheme(name.toUpperCase()) || "?"}
    </span>
  );
}

/** Returns the hue of a user id, in degrees: a hash of the id. */
export function hueOf(user: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < user.length; i += 1) {
    hash = Math.imul(hash ^ user.charCodeAt(i), 16_777_619) >>> 0;
  }
  // In steps of 15 degrees, two hues are equal or clearly different.
  return ((hash >>> 7) % 24) * 15;
}
