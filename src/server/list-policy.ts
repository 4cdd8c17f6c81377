/** List policy: clients and reverse-paths that an administrator turns away, and those that are let in whatever else. */

import { normaliseDomain } from '../core/domain.js';
import { Problem } from '../core/errors.js';
import { type Networks, parseNetworks } from '../net/networks.js';
import type { ReversePath } from '../smtp/address.js';
import type { Policy } from '../smtp/policy.js';
import { replies } from '../smtp/replies.js';

/** What one list names. */
export interface List {
  readonly networks: Networks;
  /** Reverse-paths "local@domain", in small letters, with the domain in its one form. */
  readonly paths: ReadonlySet<string>;
  /** Domains of reverse-paths, and all below them. */
  readonly domains: ReadonlySet<string>;
  /** Whether the null reverse-path is named. */
  readonly nullPath: boolean;
}

export const emptyList: List = parseList('', 'nothing');

/**
 * Reads a list as people write it, one thing a line: an address or network (192.0.2.0/24), a reverse-path
 * (bob@example.org), a domain with all below it (example.org), or <> for the null reverse-path. What follows # is skipped.
 * Throws a usage Problem that names the line.
 */
export function parseList(text: string, file: string): List {
  const networks: string[] = [];
  const paths = new Set<string>();
  const domains = new Set<string>();
  let nullPath = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const word = line.replace(/#.*/, '').trim();
    if (word === '') continue;
    if (word === '<>') nullPath = true;
    else if (/^[\d.]+(\/|$)|:/.test(word)) {
      networks.push(word);
      check(file, index, () => parseNetworks([word]));
    } else {
      const at = word.lastIndexOf('@');
      const domain = normaliseDomain(word.slice(at + 1));
      if (domain === undefined || at === 0)
        throw new Problem(
          'usage',
          `${file}, line ${index + 1}: write an address, a network, a reverse-path, a domain, or <>`,
        );
      if (at > 0) paths.add(`${word.slice(0, at).toLowerCase()}@${domain}`);
      else domains.add(domain);
    }
  }
  return { networks: parseNetworks(networks), paths, domains, nullPath };
}

/** `lists` is asked at each connection and each MAIL, so that a list that was read again holds at once. Allowing wins. */
export function listPolicy(lists: () => { readonly allow: List; readonly deny: List }): Policy {
  return {
    name: 'lists',
    connect(client) {
      const { allow, deny } = lists();
      if (allow.networks.has(client.address)) return undefined;
      if (deny.networks.has(client.address)) return replies.clientRefused;
      return {
        mail: (from) => {
          const now = lists();
          const isRefused = namesPath(now.deny, from) && !namesPath(now.allow, from);
          return isRefused ? replies.reversePathRefused : undefined;
        },
      };
    },
  };
}

function namesPath(list: List, from: ReversePath): boolean {
  if (from === null) return list.nullPath;
  const domain = normaliseDomain(from.domain) ?? from.domain;
  if (list.paths.has(`${from.localPart.toLowerCase()}@${domain}`)) return true;
  for (let rest = domain; ; rest = rest.slice(rest.indexOf('.') + 1)) {
    if (list.domains.has(rest)) return true;
    if (!rest.includes('.')) return false;
  }
}

function check(file: string, index: number, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    throw new Problem('usage', `${file}, line ${index + 1}: ${(error as Error).message}`);
  }
}
