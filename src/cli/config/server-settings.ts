/** Server settings: what of the settings a server gets, and which of it may change while it runs. */

import { defaultAddressLimits } from '../../server/address-limits.js';
import { parseAge } from '../../server/retention.js';
import { limitNames } from '../server/limit-words.js';
import type { Rereadable } from '../server/run-server.js';
import type { RereadableWords, ServingWords } from '../server/worker.js';
import type { Settled } from './settings.js';

/** How a server serves; whether it has figures, whoever binds their address knows. */
export function servingWords(all: Settled): Omit<ServingWords, 'figures'> {
  const neighbours = all['serve.neighbour'];
  return {
    hostname: all['serve.hostname'].value,
    limits: {
      content: all['serve.max-size'].value,
      ...limitsOf(all, (name) => !(name in defaultAddressLimits)),
    },
    earlyTalkers: all['serve.early-talkers'].value,
    debug: all['serve.debug'].value,
    requireTls: all['serve.tls'].value === 'require',
    proxies: all['serve.proxy-from'].value,
    xclients: all['serve.xclient-from'].value,
    neighbours: neighbours.source.kind === 'default' ? undefined : neighbours.value,
    ...rereadableWords(all),
  };
}

/** What a running server takes anew. */
export function rereadable(all: Settled): Rereadable {
  const age = all['serve.retain'].value;
  return {
    words: rereadableWords(all),
    tlsFiles: all['serve.certificates'].value,
    retainAge: age === undefined ? undefined : parseAge(age),
  };
}

function rereadableWords(all: Settled): RereadableWords {
  return {
    policies: {
      lists: { allow: all['serve.allow'].value, deny: all['serve.deny'].value },
      checkHeaders: all['serve.check-headers'].value,
      diskReserve: all['serve.disk-reserve'].value,
    },
    addressLimits: {
      limits: limitsOf(all, (name) => name in defaultAddressLimits),
      file: all['serve.address-limits'].value,
    },
  };
}

/** Those limits that somebody said. */
function limitsOf(all: Settled, isMeant: (name: string) => boolean): Record<string, number> {
  const said = limitNames
    .filter((name) => isMeant(name) && all[`serve.limits.${name}`].source.kind !== 'default')
    .map((name) => [name, all[`serve.limits.${name}`].value]);
  return Object.fromEntries(said) as Record<string, number>;
}
