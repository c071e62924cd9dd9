/** Line icons in the colour of the surrounding text. */

const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.3 2.9-5.5 6.5-5.5s6.5 2.2 6.5 5.5M16 4.4a3.5 3.5 0 0 1 0 6.2M18 14.9c2.1.8 3.5 2.6 3.5 5.1",
  share: "M12 15V3.5M7.5 8 12 3.5 16.5 8M5 12.5V20h14v-7.5",
  invite:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.3 2.9-5.5 6.5-5.5s6.5 2.2 6.5 5.5M19 8v6M16 11h6",
  plus: "M12 5v14M5 12h14",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  keyboard: "M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M8 14.5h8",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4",
  bellOff: "M6 16.5V11a6 6 0 0 1 9.5-4.9M18 11v5.5l1.5 1.5h-15L6 16.5M10 20.5h4M4 4l16 16",
  send: "M4.5 12 20 4.5 15.5 20l-3.5-6.5zM12 13.5 20 4.5",
  attach: "m20 11.5-7.8 7.8a5 5 0 0 1-7-7l8-8a3.3 3.3 0 0 1 4.7 4.7l-7.6 7.6a1.7 1.7 0 0 1-2.4-2.4l7-7",
  at: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM16 8v5.5a2.3 2.3 0 0 0 4.5 0V12a8.5 8.5 0 1 0-3.5 6.9",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l4.5 4.5",
  eye: "M2.5 12C4.5 8 8 6 12 6s7.5 2 9.5 6c-2 4-5.5 6-9.5 6s-7.5-2-9.5-6ZM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  eyeOff:
    "M5.5 8C4.3 9 3.3 10.3 2.5 12c2 4 5.5 6 9.5 6 1.5 0 2.9-.3 4.2-.8M9 6.4c1-.3 2-.4 3-.4 4 0 7.5 2 9.5 6a13 13 0 0 1-2.3 3.2M4 4l16 16",
  user: "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c0-3.6 3.3-6 7.5-6s7.5 2.4 7.5 6",
  check: "m5 12.5 4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M10 6 4 12l6 6M4 12h9c4 0 7 2 7 6.5",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5c1.9 2.3 5.1 2.3 7 0M9 9.5h.01M15 9.5h.01",
  edit: "M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z",
  trash: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10.5 11v5M13.5 11v5",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  more: "M6.2 12a.7.7 0 1 0-1.4 0 .7.7 0 0 0 1.4 0ZM12.7 12a.7.7 0 1 0-1.4 0 .7.7 0 0 0 1.4 0ZM19.2 12a.7.7 0 1 0-1.4 0 .7.7 0 0 0 1.4 0Z",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  shuffle:
    "M3.5 7H7l9.5 10h4M3.5 17H7l2.6-2.7M13.4 9.9 16.5 7h4M17.8 4.3 20.5 7l-2.7 2.7M17.8 14.3l2.7 2.7-2.7 2.7",
  device: "M7.5 3h9v18h-9zM11 18h2",
  alert: "M12 4 2.5 20h19zM12 10v5M12 17.5h.01",
} as const;

/** IconName is the name of an icon, or the path of one that only parts loaded on demand need. */
export type IconName = keyof typeof PATHS | `M${string}`;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={isPath(name) ? name : PATHS[name]} />
    </svg>
  );
}

function isPath(name: IconName): name is `M${string}` {
  return name.startsWith("M");
}
