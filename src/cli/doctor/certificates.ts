/** Certificates: whether those of the server are good, for its name, and not nearly over. */
import { Problem } from '../../core/errors.js';
import { type CertificateChain, readChain } from '../../net/certificate-chain.js';
import { Certificates } from '../../net/certificates.js';
import type { DataDirectory } from '../data/data-directory.js';
import { isHandedOver, readTlsFiles } from '../server/tls-files.js';
import type { TlsFilePair } from '../server/tls-pairs.js';
import { shownCommand, shownWords } from '../terminal/shell-word.js';
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import type { Machine } from './machine.js';

const about = 'certificate';
const dayMilliseconds = 86_400_000;
/** What a certificate client renews is renewed long before. */
const soonDays = 14;

export interface FoundCertificate {
  readonly chain: CertificateChain;
  /** The certificate's file. */
  readonly place: string;
}

export interface CertificateOptions {
  readonly files: readonly TlsFilePair[];
  readonly data: DataDirectory;
  readonly hostname: string;
  /** Whether others than programs of this machine may come. */
  readonly isOpen: boolean;
}

/** What the server shows now, or will, and what is wrong with it; `certificates` are those that can be used. */
export async function findCertificates(
  machine: Machine,
  { files, data, hostname, isOpen }: CertificateOptions,
): Promise<{ findings: Finding[]; certificates: FoundCertificate[] }> {
  const findings: Finding[] = [];
  const certificates: FoundCertificate[] = [];
  const own = { certificate: data.ownCertificate, key: data.ownCertificate };
  const pairs = files.length > 0 ? files : (await machine.look(own.certificate)) ? [own] : [];
  for (const pair of pairs) {
    try {
      const read = await readTlsFiles([pair]);
      new Certificates(read);
      const [{ certificate } = { certificate: '' }] = read;
      const found = { chain: readChain(certificate), place: pair.certificate };
      certificates.push(found);
      findings.push(...(await keyFindings(machine, pair)));
      if (files.length > 0) findings.push(...chainFindings(found, machine.now));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      findings.push(faultOf(error, pair, hostname));
    }
  }
  if (files.length === 0) findings.push(ownFinding(hostname, isOpen));
  else if (certificates.length > 0 && !certificates.some(({ chain }) => chain.covers(hostname)))
    findings.push(
      bad(
        about,
        `none is for ${hostname}, the name of the server: clients that verify it go away`,
        certbot(hostname),
      ),
    );
  return { findings, certificates };
}

function ownFinding(hostname: string, isOpen: boolean): Finding {
  const seen = 'none is given: the server shows one of its own, which no client can verify';
  if (!isOpen) return ok(about, seen);
  const live = `/etc/letsencrypt/live/${hostname}`;
  return warning(
    about,
    seen,
    certbot(hostname),
    shownCommand('serve', '--tls-cert', `${live}/fullchain.pem`, '--tls-key', `${live}/privkey.pem`),
  );
}

/** The program that most have for it. */
export function certbot(hostname: string): string {
  return shownWords('certbot', 'certonly', '--standalone', '--domain', hostname);
}

/** What only another user may read, or a service has while it runs, was not looked at. */
function faultOf({ message }: Problem, pair: TlsFilePair, hostname: string): Finding {
  if (message.includes('(EACCES)')) return unseen(about, message, 'sudo obalka doctor');
  if (isHandedOver(pair, message))
    return unseen(about, `${pair.certificate}: systemd hands it to the service, which does not run`);
  return bad(about, message, certbot(hostname));
}

function chainFindings({ chain, place }: FoundCertificate, now: number): Finding[] {
  const found: Finding[] = [];
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const days = Math.floor((chain.until - now) / dayMilliseconds);
  const renew = 'certbot renew';
  if (chain.from > now)
    found.push(
      bad(
        about,
        `${place}: begins on ${day(chain.from)} only; is the clock right?`,
        'timedatectl set-ntp true',
      ),
    );
  if (days < 0) found.push(bad(about, `${place}: over since ${day(chain.until)}`, renew));
  else if (days < soonDays)
    found.push(warning(about, `${place}: ends on ${day(chain.until)}, in ${days} days`, renew));
  if (chain.rsaBits !== undefined && chain.rsaBits < 2048)
    found.push(
      bad(about, `${place}: its RSA key of ${chain.rsaBits} bits is too short`, `${renew} --force-renewal`),
    );
  if (chain.vouching === 'cut')
    found.push(
      bad(
        about,
        `${place}: the next certificate is missing (${chain.issuer}): clients cannot verify it`,
        'serve.certificates names fullchain.pem in the place of cert.pem',
      ),
    );
  if (found.length > 0) return found;
  const whom = { own: 'itself', known: 'a root that others know', unknown: 'a root of your own', cut: '' };
  return [ok(about, `${place}: good until ${day(chain.until)}, vouched for by ${whom[chain.vouching]}`)];
}

async function keyFindings(machine: Machine, { key }: TlsFilePair): Promise<Finding[]> {
  const looked = await machine.look(key);
  // A group may be that of those who serve TLS here.
  if (!looked || (looked.mode & 0o027) === 0) return [];
  return [
    bad(about, `${key}: others can read or change the private key`, shownWords('chmod', 'o-rwx,g-w', key)),
  ];
}
