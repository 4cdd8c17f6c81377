/** DANE: whether the keys that DNS promises are those of the server (RFC 7672). */
import type { TlsaRecord } from '../../net/dane.js';
import type { Names } from '../../net/names.js';
import { shownWords } from '../terminal/shell-word.js';
import type { FoundCertificate } from './certificates.js';
import { sameName } from './exchanges.js';
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import { tlsaLine } from './zone.js';

const about = 'TLSA';

export interface DaneOptions {
  readonly hostname: string;
  readonly exchanges: readonly string[];
  readonly certificates: readonly FoundCertificate[];
}

export async function daneFindings(
  names: Names,
  { hostname, exchanges, certificates }: DaneOptions,
): Promise<Finding[]> {
  const hashes = certificates.map(({ chain }) => chain.keyHash);
  return Promise.all(
    exchanges.map(async (exchange) => {
      const answer = await names.keys(`_25._tcp.${exchange}`);
      if (answer.kind === 'failed') return unseen(about, `${exchange}: nobody answers (${answer.why})`);
      if (answer.kind === 'none') return ok(about, `${exchange}: none, and senders do without`);
      const seen = `${exchange}: ${answer.records.map(shown).join('; ')}`;
      if (sameName(exchange, hostname) && hashes.length > 0) {
        const fault = matchFinding(answer.records, exchange, hashes);
        if (fault) return fault;
      }
      if (!answer.isVerified)
        return unseen(
          about,
          `${seen}; the resolver does not say that it is signed (DNSSEC), and without that no sender heeds it`,
          shownWords('delv', `_25._tcp.${exchange}`, 'TLSA'),
        );
      return ok(about, `${seen}; signed`);
    }),
  );
}

/** Only the form that `obalka dns` prints can be held against the certificates; others may be right. */
function matchFinding(
  records: readonly TlsaRecord[],
  exchange: string,
  hashes: readonly string[],
): Finding | undefined {
  const ofKeys = records.filter(
    ({ usage, selector, matching }) => usage === 3 && selector === 1 && matching === 1,
  );
  if (ofKeys.some(({ data }) => hashes.includes(data))) return undefined;
  if (ofKeys.length < records.length)
    return warning(
      about,
      `${exchange}: none is "3 1 1" of the server's key; the others were not compared`,
      ...hashes.map((hash) => tlsaLine(exchange, hash)),
    );
  return bad(
    about,
    `${exchange}: none is of the server's key: senders that heed it do not deliver`,
    ...hashes.map((hash) => tlsaLine(exchange, hash)),
  );
}

function shown({ usage, selector, matching, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matching} ${data.slice(0, 16)}…`;
}
