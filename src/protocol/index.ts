/** The wire protocol, shared by server and client. README.md in this folder is its public document. */
export * from "./close-code.ts";
export * from "./commands.ts";
export * from "./display-name.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./export-file.ts";
export * from "./fields.ts";
export * from "./files.ts";
export * from "./frame.ts";
export * from "./invisible.ts";
export * from "./limits.ts";
export * from "./network.ts";
export * from "./notices.ts";
export * from "./room-name.ts";
export * from "./room-state.ts";
export * from "./search.ts";
export * from "./server-lines.ts";
