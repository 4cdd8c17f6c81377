/** MTA-STS: whether senders are told to use TLS, and whether they could still deliver then (RFC 8461). */
import type { Names } from '../../net/names.js';
import type { PolicyAnswer } from '../../net/sts-policy.js';
import { shownCommand } from '../terminal/shell-word.js';
import { certbot, type FoundCertificate } from './certificates.js';
import { type ServerNames, sameName } from './exchanges.js';
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import { policyFile, stsLine } from './zone.js';

export interface StsPolicy {
  readonly mode: string;
  readonly mx: readonly string[];
}

const modes = new Set(['enforce', 'testing', 'none']);
/** What a machine says that may open no connections, or has no network. */
const noNetwork = new Set([
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EACCES',
  'EPERM',
  'ETIMEOUT',
  'ETIMEDOUT',
]);
const mostSeconds = 31_557_600;

/** Undefined for what no sender takes as a policy. */
export function parsePolicy(text: string): StsPolicy | undefined {
  const fields = text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = /^([A-Za-z0-9_.-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  // Of what stands twice the first counts, but for mx.
  const first = (wanted: string) => fields.find(([name]) => name === wanted)?.[1] ?? '';
  const mx = fields.filter(([name]) => name === 'mx').map(([, value]) => value);
  const mode = first('mode');
  const age = /^\d{1,10}$/.test(first('max_age')) ? Number(first('max_age')) : Number.NaN;
  const isGood = first('version') === 'STSv1' && modes.has(mode) && age <= mostSeconds;
  return isGood && (mx.length > 0 || mode === 'none') ? { mode, mx } : undefined;
}

/** `*.example.org` stands for one label more (RFC 8461 section 4.1). */
export function allows({ mx }: StsPolicy, exchange: string): boolean {
  const [, parent = ''] = /^[^.]*\.(.*)$/.exec(exchange) ?? [];
  return mx.some((one) => (one.startsWith('*.') ? sameName(one.slice(2), parent) : sameName(one, exchange)));
}

export interface StsOptions {
  readonly server: ServerNames;
  readonly exchanges: readonly string[];
  readonly certificates: readonly FoundCertificate[];
  readonly now: number;
  readonly fetch: (domain: string) => Promise<PolicyAnswer>;
}

export async function stsFindings(names: Names, options: StsOptions): Promise<Finding[]> {
  const about = 'MTA-STS';
  const { domain, hostname } = options.server;
  const line = stsLine(domain, policyFile(hostname, 'testing'));
  const file = `${shownCommand('dns', domain, '--hostname', hostname, '--policy')} > mta-sts.txt`;
  const answer = await names.texts(`_mta-sts.${domain}`);
  if (answer.kind === 'failed') return [unseen(about, `nobody answers (${answer.why})`)];
  const records = answer.kind === 'none' ? [] : answer.records.filter((text) => /^v=STSv1\s*;/.test(text));
  const [record, ...more] = records;
  if (record === undefined)
    return [
      warning(about, 'there is none: whoever is between can have senders deliver without TLS', line, file),
    ];
  if (more.length > 0 || !/;\s*id=[A-Za-z0-9]{1,32}\s*(;|$)/.test(record))
    return [bad(about, `no sender heeds it: ${records.join(' | ')}`, line)];
  const fetched = await options.fetch(domain);
  const url = `https://mta-sts.${domain}/.well-known/mta-sts.txt`;
  if (fetched.kind === 'failed')
    return [
      noNetwork.has(fetched.why)
        ? unseen(about, `${url} cannot be reached from here (${fetched.why})`, `curl -v ${url}`)
        : bad(about, `${url} cannot be fetched as senders do it (${fetched.why})`, `curl -v ${url}`, file),
    ];
  const policy = parsePolicy(fetched.text);
  if (!policy) return [bad(about, `${url} is no policy`, file)];
  return [policyFinding(policy, options, file)];
}

function policyFinding(
  policy: StsPolicy,
  { server: { hostname }, exchanges, certificates, now }: StsOptions,
  file: string,
): Finding {
  const about = 'MTA-STS';
  const outside = exchanges.filter((exchange) => !allows(policy, exchange));
  const fault = policy.mode === 'enforce' ? bad : warning;
  if (policy.mode === 'none') return warning(about, 'the policy says that there is none', file);
  if (outside.length > 0)
    return fault(
      about,
      `the policy lets senders deliver to ${policy.mx.join(', ')}, and not to ${outside.join(', ')}`,
      file,
    );
  const isOurs = exchanges.some((exchange) => sameName(exchange, hostname));
  const isGood = certificates.some(
    ({ chain }) => chain.vouching === 'known' && chain.until > now && chain.covers(hostname),
  );
  if (isOurs && !isGood)
    return fault(
      about,
      `senders are to verify a certificate for ${hostname}, and the server has none that they can verify`,
      certbot(hostname),
    );
  if (policy.mode === 'testing')
    return ok(about, 'senders try TLS and report, and deliver without (mode: testing); enforce is next');
  return ok(about, 'senders deliver with TLS only (mode: enforce)');
}
