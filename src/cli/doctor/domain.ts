/** Domain: all that doctor looks at in DNS for one domain. */
import type { Names } from '../../net/names.js';
import { daneFindings } from './dane-findings.js';
import { exchangeFindings } from './exchanges.js';
import type { Finding } from './finding.js';
import { senderFindings } from './sender-records.js';
import { type StsOptions, stsFindings } from './sts.js';

/** Where nobody answers the first question, the others are not asked. */
export async function domainFindings(
  names: Names,
  options: Omit<StsOptions, 'exchanges'>,
): Promise<Finding[]> {
  const { server, certificates } = options;
  const { findings, exchanges } = await exchangeFindings(names, server);
  if (findings.some(({ about }) => about === 'DNS')) return findings;
  const others = await Promise.all([
    senderFindings(names, server.domain),
    ...(exchanges
      ? [
          stsFindings(names, { ...options, exchanges }),
          daneFindings(names, { hostname: server.hostname, exchanges, certificates }),
        ]
      : []),
  ]);
  return [...findings, ...others.flat()];
}
