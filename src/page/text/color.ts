/** Colour of a person: a hue of the colour wheel, by their user id. Pure. */

/** Hue in degrees: the same for one id always, well spread over ids. */
export function hueOf(user: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < user.length; i += 1) {
    hash = Math.imul(hash ^ user.charCodeAt(i), 16_777_619) >>> 0;
  }
  // Steps of 15 degrees, so that two hues are the same or clearly apart.
  return ((hash >>> 7) % 24) * 15;
}
