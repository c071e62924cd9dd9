/** Configuration of files, read from the Worker's variables. */

/** Quotas in bytes. */
export interface Quotas {
  /** Files of one room. */
  readonly room: number;
  /** Files of one user in a room. */
  readonly user: number;
  /** Uploads of one network address in a room, in an hour. */
  readonly address: number;
}

/** Variables of wrangler.toml, in MiB: text, and each may be missing. */
export interface QuotaVariables {
  readonly ROOM_FILES_MIB?: string;
  readonly USER_FILES_MIB?: string;
  readonly ADDRESS_FILES_MIB?: string;
}

const MIB = 1024 * 1024;
const DEFAULTS = { ROOM_FILES_MIB: 1024, USER_FILES_MIB: 256, ADDRESS_FILES_MIB: 256 } as const;

/**
 * Reads the quotas from `variables`.
 *
 * @param onInvalid - called with a sentence for each invalid variable; its default is used
 */
export function quotasFrom(variables: QuotaVariables, onInvalid: (sentence: string) => void): Quotas {
  const read = (name: keyof QuotaVariables): number => {
    const text = variables[name]?.trim() ?? "";
    const value = Number(text);
    if (text !== "" && Number.isInteger(value) && value >= 0) return value * MIB;
    if (text !== "") onInvalid(`${name} must be a whole number, 0 or more; using ${DEFAULTS[name]}`);
    return DEFAULTS[name] * MIB;
  };
  return { room: read("ROOM_FILES_MIB"), user: read("USER_FILES_MIB"), address: read("ADDRESS_FILES_MIB") };
}
