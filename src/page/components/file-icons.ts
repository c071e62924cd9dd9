/** Icons of files, which only parts that are loaded on demand need. */

export const DOCUMENT = "M6 3h8l5 5v13H6zM14 3v5h5M9 13h7M9 17h5";
export const DOWNLOAD = "M12 4v11M7.5 11 12 15.5 16.5 11M5 16v4h14v-4";
export const ZOOM_IN = "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l4.5 4.5M11 8v6M8 11h6";
export const ZOOM_OUT = "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l4.5 4.5M8 11h6";
export const PREVIOUS = "M15 5l-7 7 7 7";
export const NEXT = "M9 5l7 7-7 7";
export const NO_PICTURE = "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M4 4l16 16";
