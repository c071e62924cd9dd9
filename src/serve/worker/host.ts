/** Host: which Host headers the server answers. */

const HOST = /^([\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/** The host name in a Host header, in lower case. Null if the header is missing, malformed or repeated. */
export function hostName(header: string | null): string | null {
  const name = HOST.exec(header ?? "")?.[1];
  return name !== undefined && URL.canParse(`http://${header}`) ? name.toLowerCase() : null;
}
