/** Configuration of a room, read from the Worker's variables. */
import * as v from "valibot";
import { OwnerSecret } from "../protocol/index.ts";

export interface RoomConfig {
  /** Commands a second for one connection; 0: no limit. */
  readonly messageRate: number;
  readonly messageBurst: number;
  readonly maxConnections: number;
  /** Connections from one network address. */
  readonly maxConnectionsPerAddress: number;
  /** Messages that the log keeps. */
  readonly historyLimit: number;
  /** Days for which the log keeps events; 0: no limit. */
  readonly historyDays: number;
  /** Connections of a room beyond which further ones are served by relays; 0: never. */
  readonly relayAfter: number;
  /** Connections of one relay beyond which another one begins. */
  readonly relaySize: number;
  /** Secret that owns every room. */
  readonly adminKey?: string;
}

export const DEFAULT_CONFIG: RoomConfig = {
  messageRate: 5,
  messageBurst: 20,
  maxConnections: 10_000,
  maxConnectionsPerAddress: 100,
  historyLimit: 10_000,
  historyDays: 0,
  relayAfter: 1_500,
  relaySize: 2_500,
};

/** Connections that a room with relays takes by default. */
const MAX_CONNECTIONS_WITH_RELAYS = 100_000;

/** Variables of wrangler.toml and the secret ADMIN_KEY: text, and each may be missing. */
export interface RoomVariables {
  readonly MESSAGE_RATE?: string;
  readonly MESSAGE_BURST?: string;
  readonly MAX_CONNECTIONS?: string;
  readonly MAX_CONNECTIONS_PER_ADDRESS?: string;
  readonly HISTORY_LIMIT?: string;
  readonly HISTORY_DAYS?: string;
  readonly RELAY_AFTER?: string;
  readonly RELAY_SIZE?: string;
  readonly ADMIN_KEY?: string;
  /** The binding of the relays, if the deployment has them. */
  readonly RELAYS?: unknown;
}

/**
 * Reads the configuration from `variables`.
 *
 * @param onInvalid - called with a sentence for each invalid variable; its default is used
 */
export function roomConfig(variables: RoomVariables, onInvalid: (sentence: string) => void): RoomConfig {
  const read = (
    name: Exclude<keyof RoomVariables, "ADMIN_KEY" | "RELAYS">,
    fallback: number,
    least: number,
    whole = true,
  ): number => {
    const text = variables[name]?.trim();
    if (text === undefined || text === "") return fallback;
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && (!whole || Number.isInteger(value))) return value;
    onInvalid(`${name} must be a ${whole ? "whole " : ""}number, ${least} or more; using ${fallback}`);
    return fallback;
  };
  const relayAfter = read("RELAY_AFTER", DEFAULT_CONFIG.relayAfter, 0);
  const hasRelays = variables.RELAYS !== undefined && relayAfter > 0;
  const maxConnections = hasRelays ? MAX_CONNECTIONS_WITH_RELAYS : DEFAULT_CONFIG.maxConnections;
  const adminKey = variables.ADMIN_KEY?.trim() ?? "";
  const hasAdmin = v.is(OwnerSecret, adminKey);
  if (adminKey !== "" && !hasAdmin)
    onInvalid("ADMIN_KEY must be 43 characters of A-Z a-z 0-9 _ -; nobody owns every room");
  return {
    ...(hasAdmin && { adminKey }),
    messageRate: read("MESSAGE_RATE", DEFAULT_CONFIG.messageRate, 0, false),
    messageBurst: read("MESSAGE_BURST", DEFAULT_CONFIG.messageBurst, 1),
    maxConnections: read("MAX_CONNECTIONS", maxConnections, 1),
    maxConnectionsPerAddress: read("MAX_CONNECTIONS_PER_ADDRESS", DEFAULT_CONFIG.maxConnectionsPerAddress, 1),
    historyLimit: read("HISTORY_LIMIT", DEFAULT_CONFIG.historyLimit, 1),
    historyDays: read("HISTORY_DAYS", DEFAULT_CONFIG.historyDays, 0),
    relayAfter,
    relaySize: read("RELAY_SIZE", DEFAULT_CONFIG.relaySize, 1),
  };
}
