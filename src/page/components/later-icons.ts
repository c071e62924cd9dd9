/** Paths of icons that only parts loaded on demand need. */

export const PLUS = "M12 5v14M5 12h14";
export const LOCK = "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3";
export const BELL = "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4";
export const BELL_OFF = "M6 16.5V11a6 6 0 0 1 9.5-4.9M18 11v5.5l1.5 1.5h-15L6 16.5M10 20.5h4M4 4l16 16";
export const AT = "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM16 8v5.5a2.3 2.3 0 0 0 4.5 0V12a8.5 8.5 0 1 0-3.5 6.9";
export const EYE =
  "M2.5 12C4.5 8 8 6 12 6s7.5 2 9.5 6c-2 4-5.5 6-9.5 6s-7.5-2-9.5-6ZM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z";
export const EYE_OFF =
  "M5.5 8C4.3 9 3.3 10.3 2.5 12c2 4 5.5 6 9.5 6 1.5 0 2.9-.3 4.2-.8M9 6.4c1-.3 2-.4 3-.4 4 0 7.5 2 9.5 6a13 13 0 0 1-2.3 3.2M4 4l16 16";
export const TRASH = "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10.5 11v5M13.5 11v5";
export const MORE =
  "M6.2 12a.7.7 0 1 0-1.4 0 .7.7 0 0 0 1.4 0ZM12.7 12a.7.7 0 1 0-1.4 0 .7.7 0 0 0 1.4 0ZM19.2 12a.7.7 0 1 0-1.4 0 .7.7 0 0 0 1.4 0Z";
export const SHUFFLE =
  "M3.5 7H7l9.5 10h4M3.5 17H7l2.6-2.7M13.4 9.9 16.5 7h4M17.8 4.3 20.5 7l-2.7 2.7M17.8 14.3l2.7 2.7-2.7 2.7";
export const DEVICE = "M7.5 3h9v18h-9zM11 18h2";
export const USER = "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c0-3.6 3.3-6 7.5-6s7.5 2.4 7.5 6";
export const EDIT = "M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z";
export const SHARE = "M12 15V3.5M7.5 8 12 3.5 16.5 8M5 12.5V20h14v-7.5";
