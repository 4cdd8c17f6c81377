/** Checking: what a program asks a server to be, before anything is bound. */
import { Problem } from '../core/errors.js';
import { isHostname } from '../core/hostname.js';
import { defaultSessionLimits } from '../smtp/settings.js';
import { defaultConnectionLimits } from './limits.js';
import { type ListenAddress, Listener } from './listener.js';
import type { ServeOptions } from './serve-smtp.js';

const protocols: readonly unknown[] = [undefined, 'smtp', 'smtps', 'lmtp'];
const limitNames = new Set(Object.keys({ ...defaultSessionLimits, ...defaultConnectionLimits }));

/** Throws a usage Problem for what cannot be meant: not every caller has types. */
export function checkOptions({ listen, hostname, limits = {}, certificates }: ServeOptions): void {
  if (!isHostname(hostname))
    throw usage(`hostname ${JSON.stringify(hostname)}: not a host name; write one such as mail.example.org`);
  for (const [name, value] of Object.entries(limits)) {
    if (!limitNames.has(name))
      throw usage(
        `limits.${name}: there is no such limit; see defaultSessionLimits, defaultConnectionLimits`,
      );
    if (!Number.isFinite(value) || value < 0)
      throw usage(`limits.${name}: ${value}; write a number that is not negative`);
  }
  for (const one of listen)
    checkAddress(one instanceof Listener ? one.address : one, certificates !== undefined);
}

function checkAddress(address: ListenAddress, hasTls: boolean): void {
  const { protocol } = address;
  if (!protocols.includes(protocol))
    throw usage(`protocol ${JSON.stringify(protocol)}: write smtp, smtps or lmtp, or leave it out for smtp`);
  if (protocol === 'smtps' && !hasTls)
    throw usage('smtps needs certificates; selfSigned makes one for tests');
  if (!('host' in address)) return;
  const { port } = address;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw usage(`port ${port}: write a number from 0 to 65535`);
}

function usage(message: string): Problem {
  return new Problem('usage', message);
}
