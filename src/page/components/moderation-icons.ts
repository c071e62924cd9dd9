/** Paths of the icons that only menus about moderation show. */

export const PIN = "M9 4h6l-1 6 3.5 3.5h-11L10 10zM12 13.5V20";
export const UNPIN = "M9.5 4H15l-1 6 3.5 3.5M12 13.5V20M4 4l16 16M9.3 9.3 6.5 13.5h7";
export const MUTE =
  "M9.5 6.5v-1a2.5 2.5 0 0 1 5 0V11M9.5 9.5V11a2.5 2.5 0 0 0 4 2M6 11a6 6 0 0 0 9.3 5M18 11a6 6 0 0 1-.5 2.4M12 17v3.5M4 4l16 16";
export const LEAVE = "M13 4H5v16h8M10 12h10M16.5 8.5 20 12l-3.5 3.5";
export const BAN = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM5.7 5.7l12.6 12.6";
export const SHIELD = "M12 3.5 5 6v6c0 4.2 3 7.2 7 8.5 4-1.3 7-4.3 7-8.5V6z";
