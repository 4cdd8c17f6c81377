/** Settled: what holds of all settings, and what does not go together. */
import type { ConfigurationFile } from './file.js';
import { resolved } from './resolved.js';
import type { Given, Setting, Sourced } from './setting.js';
import { type Key, keys, type Settled, settings } from './settings.js';

/** What options, environment, file and defaults make together. Throws a Problem. */
export function settle(given: Given, file: ConfigurationFile | undefined): Settled {
  const each = keys.map((key) => {
    const fromFile: Sourced<unknown> | undefined = file?.values[key];
    return [key, resolved(settings[key] as Setting<unknown>, given, fromFile)] as const;
  });
  return Object.fromEntries(each) as Settled;
}

/** Two settings of which one leaves no sense to the other. */
export interface Clash {
  readonly key: Key;
  readonly what: string;
}

/** What is refused although each of its parts is good. What one source says and another overrides is no clash. */
export function clashes(all: Settled): Clash[] {
  const { 'serve.tls': tls, 'serve.certificates': certificates, 'serve.listen': listen } = all;
  if (tls.value !== 'none') return [];
  const said = nameOf('serve.tls', tls);
  const found: Clash[] = [];
  if (certificates.value.length > 0 && tls.source.kind === certificates.source.kind)
    found.push({
      key: 'serve.certificates',
      what: `${said} leaves no use for ${nameOf('serve.certificates', certificates)}; leave out one of them`,
    });
  if (listen.value.some((address) => address.startsWith('smtps:')))
    found.push({
      key: 'serve.listen',
      what: `${said} leaves no way to listen for smtps://; leave out one of them`,
    });
  return found;
}

/** What somebody wrote for a value: an option, or a key. */
function nameOf(key: Key, { source, value }: Sourced<unknown>): string {
  if (source.kind !== 'file') return source.kind === 'option' ? source.name : key;
  return typeof value === 'string' ? `${key} = ${JSON.stringify(value)}` : key;
}
