/** Hostname: what a server may call itself (RFC 5321 section 4.1.2, in ASCII). */

export function isHostname(name: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/.test(name);
}
