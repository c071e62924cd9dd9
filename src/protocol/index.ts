/** The wire protocol: what both ends share. README.md beside this file is its public document. */
export * from "./apply-change.ts";
export * from "./close-code.ts";
export * from "./commands.ts";
export * from "./display-name.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./frame.ts";
export * from "./limits.ts";
export * from "./room-name.ts";
