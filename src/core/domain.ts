/** Domains: one form for each, so that they can be compared (RFC 5321 section 4.1.2, RFC 5890 A-labels). */
import { domainToASCII } from 'node:url';

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domainPattern = new RegExp(`^${label}(?:\\.${label})*$`);
const literalPattern = /^\[[!-Z^-~]+\]$/;
const domainLetters = /^[a-zA-Z0-9.\-\u{80}-\u{10ffff}]+$/u;

/**
 * The domain in lower case with A-labels, or the address literal in lower case as written; undefined for what is
 * neither. Labels are at most 63 octets, the whole at most 255.
 */
export function normaliseDomain(domain: string): string | undefined {
  if (domain.length > 255) return undefined;
  if (literalPattern.test(domain)) return domain.toLowerCase();
  if (!domainLetters.test(domain)) return undefined;
  // domainToASCII reads ASCII names as URLs do ("127.1", "%61"): it only gets those that need it.
  const ascii = isAscii(domain) ? domain.toLowerCase() : domainToASCII(domain);
  return ascii.length <= 255 && domainPattern.test(ascii) ? ascii : undefined;
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
