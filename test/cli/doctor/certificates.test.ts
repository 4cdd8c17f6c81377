/** Findings about certificates: what clients that verify them would turn away from, and what others could take. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from '../../../src/cli/data/data-directory.js';
import { findCertificates } from '../../../src/cli/doctor/certificates.js';
import { selfSigned } from '../../../src/net/certificate.js';
import {
  intermediate,
  leaf,
  leafKey,
  leafKeyHash,
  root,
  shortKey,
  shortPrivateKey,
} from '../../support/chained-certificates.js';
import { fakeMachine, file } from '../../support/fake-machine.js';
import { withFolder } from '../../support/folder.js';
import { assert, suite } from '../../support/suite.js';

const hostname = 'mx.example.org';
const whole = `${leaf}${intermediate}${root}`;

interface Said {
  readonly certificate?: string;
  readonly key?: string;
  readonly now?: number;
  readonly name?: string;
  readonly mode?: number;
  readonly isThere?: boolean;
}

/** What is not ok about a pair, and the hashes of the keys that can be used. */
function found({
  certificate = whole,
  key = leafKey,
  now = Date.UTC(2030, 0),
  name = hostname,
  mode = 0o600,
  isThere = true,
}: Said) {
  return withFolder(async (folder) => {
    const pair = { certificate: join(folder, 'certificate'), key: join(folder, 'key') };
    if (isThere) writeFileSync(pair.certificate, certificate);
    writeFileSync(pair.key, key);
    chmodSync(pair.key, 0o600);
    const machine = fakeMachine({ now, there: { [pair.key]: file(mode) } });
    const options = {
      files: [pair],
      data: dataDirectory(join(folder, 'data')),
      hostname: name,
      isOpen: true,
    };
    const { findings, certificates } = await findCertificates(machine, options);
    const wrong = findings
      .filter(({ level }) => level !== 'ok')
      .map(({ level, seen, mend }) => [`${level} ${seen.replaceAll(folder, '')}`, ...mend].join(' | '));
    return { wrong, hashes: certificates.map(({ chain }) => chain.keyHash) };
  });
}

const cases: readonly (readonly [Said, ...RegExp[]])[] = [
  [{}],
  [{ mode: 0o640 }],
  [
    { now: Date.UTC(2126, 6, 10) },
    /^warning \/certificate: ends on 2126-07-20, in 10 days \| certbot renew$/,
  ],
  [{ now: Date.UTC(2126, 6, 30) }, /^bad \/certificate: over since 2126-07-20 \| certbot renew$/],
  [{ now: Date.UTC(2026, 0) }, /^bad \/certificate: begins on 2026-\d\d-\d\d only.*\| timedatectl/],
  [{ certificate: leaf }, /^bad \/certificate: the next certificate is missing \(.*B\).*fullchain\.pem/],
  [
    { name: 'mail.example.org' },
    /^bad none is for mail\.example\.org.*\| certbot certonly --standalone --domain mail\.example\.org$/,
  ],
  // From Node 24 on OpenSSL refuses it before anybody looks.
  [
    { certificate: shortKey, key: shortPrivateKey, name: 'r' },
    /^bad .*(RSA key of 1024 bits|EE_KEY_TOO_SMALL)/,
  ],
  [{ mode: 0o644 }, /^bad \/key: others can read or change the private key \| chmod o-rwx,g-w/],
  [{ mode: 0o620 }, /^bad \/key: others can read or change/],
];

suite('findings about certificates', (test) => {
  test('a fault of a certificate is not found, or another is found for it', async () => {
    for (const [said, ...patterns] of cases) {
      const { wrong } = await found(said);
      assert.is(wrong.length, patterns.length, `${JSON.stringify(said)}: ${wrong.join('\n')}`);
      for (const [at, pattern] of patterns.entries()) assert.match(wrong[at] ?? '', pattern);
    }
  });

  test('what cannot be used is used', async () => {
    assert.equal((await found({})).hashes, [leafKeyHash]);
    const other = selfSigned(hostname);
    for (const said of [{ key: other.key }, { certificate: 'x' }, { isThere: false }]) {
      const { wrong, hashes } = await found(said);
      assert.equal(hashes, []);
      assert.is(wrong.length, 1);
      assert.match(wrong[0] ?? '', /^bad \/(certificate|key): .*\| certbot/);
    }
  });

  test('without a certificate, its own is blamed where only this machine comes, or not elsewhere', async () => {
    const without = { files: [], data: dataDirectory('/nowhere'), hostname };
    const [open] = (await findCertificates(fakeMachine(), { ...without, isOpen: true })).findings;
    assert.is(open?.level, 'warning');
    assert.match(
      open?.mend.join('\n') ?? '',
      /^obalka serve --tls-cert \/etc\/letsencrypt\/live\/mx\.example\.org\/fullchain\.pem/m,
    );
    const [closed] = (await findCertificates(fakeMachine(), { ...without, isOpen: false })).findings;
    assert.is(closed?.level, 'ok');
    const certificate = '/run/credentials/obalka.service/tls-cert';
    const handed = { ...without, files: [{ certificate, key: certificate }], isOpen: true };
    assert.is((await findCertificates(fakeMachine(), handed)).findings[0]?.level, 'unseen');
  });
});
