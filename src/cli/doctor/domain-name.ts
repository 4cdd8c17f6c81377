/** Domain name: a domain as somebody types it, as it stands in DNS. */
import { normaliseDomain } from '../../core/domain.js';
import { Problem } from '../../core/errors.js';

/** Throws a usage Problem for what is none. */
export function domainNamed(text: string): string {
  const domain = normaliseDomain(text.replace(/\.$/, ''));
  if (domain === undefined || domain.startsWith('[') || !/[a-z]/.test(domain))
    throw new Problem('usage', `${text}: not a domain; write one such as example.org`);
  return domain;
}

/** The name of the server as DNS is to know it: a machine that has none that others could look up gets the usual one. */
export function serverNameFor(domain: string, hostname: string): string {
  return hostname.includes('.') ? hostname : `mx.${domain}`;
}
