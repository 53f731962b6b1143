/** The value of one cookie of a Cookie header, by a scan: nothing else is decoded (RFC 6265 §4.2.1). */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let from = 0;
  for (;;) {
    const start = header.indexOf(name, from);
    if (start === -1) return undefined;
    const valueStart = start + name.length + 1;
    const before = start === 0 ? 59 : header.charCodeAt(start - 1);
    if (header.charCodeAt(valueStart - 1) === 61 && (before === 59 || before === 32)) {
      const end = header.indexOf(';', valueStart);
      return (end === -1 ? header.slice(valueStart) : header.slice(valueStart, end)).trim();
    }
    from = valueStart - 1;
  }
}

/** A cookie for the host that answers: out of reach of scripts, not sent along with other sites' subrequests. */
export function serverCookie(
  name: string,
  value: string,
  maxAgeSeconds: number,
  secure: boolean,
): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
