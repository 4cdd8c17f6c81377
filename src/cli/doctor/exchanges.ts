/** Exchanges: where mail for a domain goes (MX), and whether that is this server (A, AAAA, PTR). */

import { isHostname } from '../../core/hostname.js';
import type { Exchange, Names } from '../../net/names.js';
import { parseNetworks } from '../../net/networks.js';
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import { addressLine, mxLine, reverseName, zoneLine } from './zone.js';

export interface ServerNames {
  readonly domain: string;
  readonly hostname: string;
  /** Addresses of this machine. */
  readonly addresses: readonly string[];
}

/** Nobody on the Internet reaches these. */
const unreachable = parseNetworks([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.168.0.0/16', '224.0.0.0/3', '::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
]);

export function isPublic(address: string): boolean {
  return !unreachable.has(address);
}

export function sameName(one: string, other: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');
  return plain(one) === plain(other);
}

/** Names of the exchanges of a domain, the first ones first; undefined if DNS does not answer, or says that there is none. */
export async function exchangeFindings(
  names: Names,
  server: ServerNames,
): Promise<{ findings: Finding[]; exchanges: readonly string[] | undefined }> {
  const about = 'MX';
  const { domain, hostname } = server;
  const line = mxLine(domain, hostname);
  const answer = await names.mx(domain);
  if (answer.kind === 'failed')
    return {
      findings: [unseen('DNS', `nobody answers for ${domain} (${answer.why}): nothing of it was looked at`)],
      exchanges: undefined,
    };
  if (answer.kind === 'none') {
    const direct = await names.addresses(domain);
    return {
      findings: [
        direct.kind === 'found'
          ? warning(
              about,
              `${domain} has none; senders go to ${direct.records.join(', ')}, its addresses`,
              line,
            )
          : bad(about, `${domain} has none: no mail can come`, line),
      ],
      exchanges: undefined,
    };
  }
  const records = [...answer.records].sort((a, b) => a.priority - b.priority);
  if (records.some(({ exchange }) => exchange === ''))
    return {
      findings: [bad(about, `${domain} says that it takes no mail (null MX, RFC 7505)`, line)],
      exchanges: undefined,
    };
  const isThere = records.some(({ exchange }) => sameName(exchange, hostname));
  const seen = `mail for ${domain} goes to ${records.map(({ exchange }) => exchange).join(', ')}`;
  const each = await Promise.all(records.map((record) => oneExchange(names, server, record)));
  return {
    findings: [
      isThere ? ok(about, seen) : warning(about, `${seen}, and this server is called ${hostname}`, line),
      ...each.flat(),
    ],
    exchanges: records.map(({ exchange }) => exchange),
  };
}

async function oneExchange(names: Names, server: ServerNames, { exchange }: Exchange): Promise<Finding[]> {
  const { domain, hostname, addresses } = server;
  if (/^[\d.]+$|:/.test(exchange))
    return [bad('MX', `${exchange} is an address, where a name has to stand`, mxLine(domain, hostname))];
  const isOurs = sameName(exchange, hostname);
  const [alias, found] = await Promise.all([names.alias(exchange), names.addresses(exchange)]);
  const findings: Finding[] = [];
  const own = isOurs ? addresses.filter(isPublic) : [];
  const ownLines = own.map((address) => addressLine(exchange, address));
  const [target] = alias.kind === 'found' ? alias.records : [];
  if (target !== undefined)
    findings.push(
      bad(
        'MX',
        `${exchange} is another name of ${target} (CNAME), which an MX may not be (RFC 2181 section 10.3)`,
        mxLine(domain, isHostname(target) ? target : hostname),
      ),
    );
  if (found.kind === 'failed')
    return [...findings, unseen('addresses', `${exchange}: nobody answers (${found.why})`)];
  if (found.kind === 'none') {
    return [...findings, bad('addresses', `${exchange} has none: no mail can come there`, ...ownLines)];
  }
  const records = found.records;
  for (const address of records.filter((one) => !isPublic(one)))
    findings.push(
      bad('addresses', `${exchange} has ${address}, which nobody on the Internet can reach`, ...ownLines),
    );
  if (!isOurs) return [...findings, ok('addresses', `${exchange} has ${records.join(', ')}`)];
  return [
    ...findings,
    placeFinding(exchange, records, addresses),
    ...(await Promise.all(
      records.filter(isPublic).map((address) => pointerFinding(names, hostname, address)),
    )),
  ];
}

/** A machine behind a router does not know its address; one that has another one is meant by nobody. */
function placeFinding(exchange: string, records: readonly string[], own: readonly string[]): Finding {
  const about = 'addresses';
  const seen = `${exchange} has ${records.join(', ')}`;
  if (records.some((address) => own.includes(address))) return ok(about, seen);
  const others = own.filter(isPublic);
  return others.length === 0
    ? ok(about, `${seen}; this machine does not know by which address others reach it`)
    : warning(
        about,
        `${seen}, and this machine has ${others.join(', ')}`,
        ...others.map((one) => addressLine(exchange, one)),
      );
}

async function pointerFinding(names: Names, hostname: string, address: string): Promise<Finding> {
  const about = 'PTR';
  const answer = await names.pointers(address);
  const line = zoneLine(reverseName(address), 'PTR', `${hostname}.`);
  if (answer.kind === 'failed') return unseen(about, `${address}: nobody answers (${answer.why})`);
  if (answer.kind === 'none')
    return warning(about, `${address} has no name; its provider can give it this one`, line);
  if (!answer.records.some((name) => sameName(name, hostname)))
    return warning(
      about,
      `${address} is called ${answer.records.join(', ')}; its provider can change that`,
      line,
    );
  return ok(about, `${address} is called ${hostname}`);
}
