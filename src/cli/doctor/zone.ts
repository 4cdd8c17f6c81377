/** Zone: lines of a zone file (RFC 1035 section 5.1), and those that a domain needs whose mail comes to this server. */
import { createHash } from 'node:crypto';
import { ipv6Groups } from '../../net/ipv6.js';

/** Seconds that others may keep a line. */
const seconds = 3600;
/** Seconds that a sender holds to a policy of MTA-STS: a week. */
const policySeconds = 604_800;

export function zoneLine(name: string, type: string, value: string): string {
  return `${name}. ${seconds} IN ${type} ${value}`;
}

export function mxLine(domain: string, hostname: string): string {
  return zoneLine(domain, 'MX', `10 ${hostname}.`);
}

export function addressLine(hostname: string, address: string): string {
  return zoneLine(hostname, address.includes(':') ? 'AAAA' : 'A', address);
}

/** No mail is from here, unless somebody says who sends it. */
export function spfLine(name: string): string {
  return text(name, 'v=spf1 -all');
}

export function dmarcLine(domain: string): string {
  return text(`_dmarc.${domain}`, 'v=DMARC1; p=reject; adkim=s; aspf=s');
}

export function stsLine(domain: string, policy: string): string {
  // Senders fetch the policy again when this is another text: it is made from the policy.
  const id = createHash('sha256').update(policy).digest('hex').slice(0, 20);
  return text(`_mta-sts.${domain}`, `v=STSv1; id=${id}`);
}

export function tlsaLine(hostname: string, keyHash: string): string {
  return zoneLine(`_25._tcp.${hostname}`, 'TLSA', `3 1 1 ${keyHash}`);
}

export type PolicyMode = 'testing' | 'enforce';

/** The file for https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461 section 3.2), with LF. */
export function policyFile(hostname: string, mode: PolicyMode): string {
  return ['version: STSv1', `mode: ${mode}`, `mx: ${hostname}`, `max_age: ${policySeconds}`, ''].join('\n');
}

/** The name under which an address has its PTR. */
export function reverseName(address: string): string {
  if (!address.includes(':')) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const digits = ipv6Groups(address)
    .map((group) => group.toString(16).padStart(4, '0'))
    .join('');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}

export interface ZoneOptions {
  readonly domain: string;
  readonly hostname: string;
  readonly addresses: readonly string[];
  /** Of the keys of the server's certificates. */
  readonly keyHashes: readonly string[];
  readonly mode: PolicyMode;
  /** Nobody sends mail in the domain's name. */
  readonly sendsNoMail: boolean;
}

/** A zone file's part, comments between its lines. */
export function zoneLines({
  domain,
  hostname,
  addresses,
  keyHashes,
  mode,
  sendsNoMail,
}: ZoneOptions): string[] {
  const policy = policyFile(hostname, mode);
  const senders = [spfLine(domain), ...(hostname === domain ? [] : [spfLine(hostname)]), dmarcLine(domain)];
  return [
    `; Mail for ${domain} comes to ${hostname}.`,
    mxLine(domain, hostname),
    '',
    ...(addresses.length > 0
      ? addresses.map((address) => addressLine(hostname, address))
      : [`; The addresses of ${hostname} are not known here: name them with --ipv4 and --ipv6.`]),
    `; Ask the provider of the addresses for these names; they are no part of this zone.`,
    ...addresses.map((address) => `; ${zoneLine(reverseName(address), 'PTR', `${hostname}.`)}`),
    '',
    ...(sendsNoMail
      ? ['; Nobody sends mail in these names.', ...senders]
      : [
          '; obalka sends no mail. If nobody else sends mail in these names, add these lines (--sends-no-mail prints them so);',
          '; if somebody does, keep the records that are there: with these, and with two records for SPF, that mail is lost.',
          ...senders.map((line) => `; ${line}`),
        ]),
    '',
    `; Senders are to use TLS (MTA-STS). https://mta-sts.${domain}/.well-known/mta-sts.txt has to be this file`,
    `; (text/plain; "obalka dns ${domain} --policy" prints it alone):`,
    ...policy
      .trimEnd()
      .split('\n')
      .map((line) => `;   ${line}`),
    `; mta-sts.${domain} is a web server, with a certificate for that name.`,
    stsLine(domain, policy),
    text(`_smtp._tls.${domain}`, `v=TLSRPTv1; rua=mailto:postmaster@${domain}`),
    '',
    ...(keyHashes.length > 0
      ? [
          '; Only if the zone is signed (DNSSEC). The line changes with the key: add the new one a day before (certbot: --reuse-key).',
          ...keyHashes.map((hash) => tlsaLine(hostname, hash)),
        ]
      : ['; There is no certificate yet of which a TLSA line could be made.']),
    '',
    '; Who may make certificates for the names; put the name of yours.',
    `; ${zoneLine(domain, 'CAA', '0 issue "letsencrypt.org"')}`,
  ];
}

function text(name: string, value: string): string {
  return zoneLine(name, 'TXT', `"${value}"`);
}
