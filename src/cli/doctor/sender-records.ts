/** Sender records: what a domain says of mail that claims to be from it (SPF, RFC 7208; DMARC, RFC 7489). */
import type { Names } from '../../net/names.js';
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import { dmarcLine, spfLine } from './zone.js';

export async function senderFindings(names: Names, domain: string): Promise<Finding[]> {
  return Promise.all([spfFinding(names, domain), dmarcFinding(names, domain)]);
}

async function spfFinding(names: Names, domain: string): Promise<Finding> {
  const about = 'SPF';
  const answer = await names.texts(domain);
  if (answer.kind === 'failed') return unseen(about, `nobody answers (${answer.why})`);
  const records = answer.kind === 'none' ? [] : answer.records.filter((text) => /^v=spf1( |$)/i.test(text));
  const [record, ...more] = records;
  if (record === undefined)
    return warning(
      about,
      `anybody may send mail in the name of ${domain}; if nobody does, add this line`,
      spfLine(domain),
    );
  if (more.length > 0)
    return bad(
      about,
      `there are ${records.length}, of which receivers heed none; leave one that names all who send`,
    );
  if (/ \+?all( |$)/i.test(record))
    return bad(about, `${record}: everybody may send mail in the name of ${domain}; end it with -all`);
  return ok(about, record);
}

async function dmarcFinding(names: Names, domain: string): Promise<Finding> {
  const about = 'DMARC';
  const answer = await names.texts(`_dmarc.${domain}`);
  if (answer.kind === 'failed') return unseen(about, `nobody answers (${answer.why})`);
  const records =
    answer.kind === 'none' ? [] : answer.records.filter((text) => /^v=DMARC1\s*(;|$)/.test(text));
  const [record, ...more] = records;
  if (record === undefined)
    return warning(
      about,
      `nothing is said of mail in the name of ${domain} that is not from it; if nobody sends any, add this line`,
      dmarcLine(domain),
    );
  if (more.length > 0)
    return bad(about, `there are ${records.length}, of which receivers heed none; leave one`);
  return ok(about, record);
}
