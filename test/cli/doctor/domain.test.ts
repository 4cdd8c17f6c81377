/** Findings about a domain: what `obalka dns` prints passes `obalka doctor`, and each fault of a zone is found. */
import type { FoundCertificate } from '../../../src/cli/doctor/certificates.js';
import { domainFindings } from '../../../src/cli/doctor/domain.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import { allows, parsePolicy } from '../../../src/cli/doctor/sts.js';
import { policyFile, reverseName, zoneLines } from '../../../src/cli/doctor/zone.js';
import { systemNames } from '../../../src/net/names.js';
import { type DnsOptions, dnsServer } from '../../support/dns-server.js';
import { assert, suite } from '../../support/suite.js';

const domain = 'example.org';
const hostname = 'mx.example.org';
const addresses = ['192.0.2.1', '2001:db8::1'];
const keyHash = 'ab'.repeat(32);
const now = Date.UTC(2026, 10, 21);

const certificate: FoundCertificate = {
  place: 'fullchain.pem',
  chain: {
    from: 0,
    until: now + 1e10,
    vouching: 'known',
    issuer: '',
    keyHash,
    rsaBits: undefined,
    covers: (name) => name === hostname,
  },
};

/** The zone that is printed, with the lines for the providers too. */
const zone = zoneLines({
  domain,
  hostname,
  addresses,
  keyHashes: [keyHash],
  mode: 'enforce',
  sendsNoMail: true,
}).map((line) => line.replace(/^; (?=\S+\.arpa\.)/, ''));

interface Said {
  readonly lines?: readonly string[];
  readonly dns?: DnsOptions;
  readonly policy?: string | { readonly why: string };
  readonly certificates?: readonly FoundCertificate[];
  readonly own?: readonly string[];
}

async function examined({
  lines = zone,
  dns = { isVerified: true },
  policy = policyFile(hostname, 'enforce'),
  certificates = [certificate],
  own = addresses,
}: Said): Promise<{ findings: Finding[]; asked: readonly string[] }> {
  const server = await dnsServer(lines, dns);
  try {
    const findings = await domainFindings(systemNames({ servers: [server.address], milliseconds: 60_000 }), {
      server: { domain, hostname, addresses: own },
      certificates,
      now,
      fetch: async () =>
        typeof policy === 'string' ? { kind: 'found', text: policy } : { kind: 'failed', why: policy.why },
    });
    return { findings, asked: server.asked };
  } finally {
    await server.close();
  }
}

const shown = ({ level, about, seen, mend }: Finding) => [`${level} ${about}: ${seen}`, ...mend].join(' | ');

/** The zone without the lines that match, and with others. */
const changed = (without: RegExp, ...more: readonly string[]) => [
  ...zone.filter((line) => !without.test(line)),
  ...more,
];

/** What is said, and what is not ok then: each finding by itself. */
const cases: readonly (readonly [Said, ...RegExp[]])[] = [
  [
    { lines: changed(/ IN MX /) },
    /^bad MX: example\.org has none: no mail can come \| example\.org\. 3600 IN MX 10 mx\.example\.org\.$/,
  ],
  [
    { lines: changed(/ IN MX /, 'example.org. 60 IN A 192.0.2.1') },
    /^warning MX: .*senders go to 192\.0\.2\.1/,
  ],
  [{ lines: changed(/ IN MX /, 'example.org. 60 IN MX 0 .') }, /^bad MX: .*null MX/],
  [
    {
      lines: changed(
        / IN MX |sts/,
        'example.org. 60 IN MX 10 mail.example.net.',
        'mail.example.net. 60 IN A 192.0.2.9',
      ),
    },
    /^warning MX: .*goes to mail\.example\.net, and this server is called mx\.example\.org/,
    /^warning MTA-STS: there is none/,
  ],
  [
    {
      lines: changed(
        / IN (MX|A|AAAA) |^mx/,
        'example.org. 60 IN MX 10 mx.example.org.',
        'mx.example.org. 60 IN CNAME box.example.org.',
        'box.example.org. 60 IN A 192.0.2.1',
      ),
    },
    /^bad MX: mx\.example\.org is another name of box\.example\.org.*IN MX 10 box\.example\.org\.$/,
  ],
  [
    { lines: changed(/ IN (A|AAAA) /) },
    /^bad addresses: mx\.example\.org has none.*\| mx\.example\.org\. 3600 IN A 192\.0\.2\.1 \| mx\.example\.org\. 3600 IN AAAA 2001:db8::1$/,
  ],
  [
    { lines: changed(/ IN A /, 'mx.example.org. 60 IN A 10.0.0.1') },
    /^bad addresses: .*10\.0\.0\.1, which nobody/,
  ],
  [
    { own: ['192.0.2.77'] },
    /^warning addresses: .*and this machine has 192\.0\.2\.77 \| mx\.example\.org\. 3600 IN A 192\.0\.2\.77$/,
  ],
  [
    { lines: changed(/in-addr/) },
    /^warning PTR: 192\.0\.2\.1 has no name.*\| 1\.2\.0\.192\.in-addr\.arpa\. 3600 IN PTR mx\.example\.org\.$/,
  ],
  [
    { lines: changed(/in-addr/, '1.2.0.192.in-addr.arpa. 60 IN PTR a.example.net.') },
    /^warning PTR: .*is called a\.example\.net/,
  ],
  [{ lines: changed(/^example.*spf1/) }, /^warning SPF: .*\| example\.org\. 3600 IN TXT "v=spf1 -all"$/],
  [{ lines: changed(/x^/, 'example.org. 60 IN TXT "v=spf1 mx -all"') }, /^bad SPF: there are 2/],
  [{ lines: changed(/^example.*spf1/, 'example.org. 60 IN TXT "v=spf1 mx +all"') }, /^bad SPF: .*everybody/],
  [
    { lines: changed(/DMARC/) },
    /^warning DMARC: .*\| _dmarc\.example\.org\. 3600 IN TXT "v=DMARC1; p=reject/,
  ],
  [
    { lines: changed(/STSv1/) },
    /^warning MTA-STS: there is none.*\| obalka dns example\.org --hostname mx\.example\.org --policy > mta-sts\.txt$/,
  ],
  [
    { lines: changed(/STSv1/, '_mta-sts.example.org. 60 IN TXT "v=STSv1; id=a-b"') },
    /^bad MTA-STS: no sender heeds it/,
  ],
  [{ policy: { why: 'ENOTFOUND' } }, /^bad MTA-STS: .*cannot be fetched.*ENOTFOUND.*\| curl -v/],
  [{ policy: { why: 'ENETUNREACH' } }, /^unseen MTA-STS: .*cannot be reached from here/],
  [{ policy: 'hello' }, /^bad MTA-STS: .*is no policy/],
  [
    { policy: policyFile('mail.example.net', 'enforce') },
    /^bad MTA-STS: .*to mail\.example\.net, and not to mx\.example\.org/,
  ],
  [{ policy: policyFile('mail.example.net', 'testing') }, /^warning MTA-STS: .*and not to/],
  [
    { certificates: [{ ...certificate, chain: { ...certificate.chain, vouching: 'own' } }] },
    /^bad MTA-STS: .*has none that they can verify \| certbot/,
  ],
  [{ dns: { isVerified: false } }, /^unseen TLSA: .*does not say that it is signed/],
  [
    { certificates: [{ ...certificate, chain: { ...certificate.chain, keyHash: 'cd'.repeat(32) } }] },
    /^bad TLSA: .*do not deliver \| _25\._tcp\.mx\.example\.org\. 3600 IN TLSA 3 1 1 (cd){32}$/,
  ],
  [
    { lines: changed(/TLSA/, `_25._tcp.mx.example.org. 60 IN TLSA 2 0 1 ${keyHash}`) },
    /^warning TLSA: .*were not compared/,
  ],
  [
    { dns: { isVerified: true, failing: ['_dmarc.example.org'] } },
    /^unseen DMARC: nobody answers \(ESERVFAIL\)/,
  ],
  [{ dns: { isVerified: true, failing: ['_25._tcp.mx.example.org'] } }, /^unseen TLSA: .*ESERVFAIL/],
];

suite('findings about a domain', (test) => {
  test('doctor finds fault with what dns printed', async () => {
    const { findings } = await examined({});
    assert.equal(
      findings.map(({ about }) => about),
      ['MX', 'addresses', 'PTR', 'PTR', 'SPF', 'DMARC', 'MTA-STS', 'TLSA'],
    );
    for (const finding of findings) assert.is(finding.level, 'ok', shown(finding));
  });

  test('a fault of the zone is not found, or another is found for it', async () => {
    for (const [said, ...patterns] of cases) {
      const { findings } = await examined(said);
      const wrong = findings.filter(({ level }) => level !== 'ok').map(shown);
      assert.is(wrong.length, patterns.length, `${patterns}: ${wrong.join('\n')}`);
      for (const [at, pattern] of patterns.entries()) assert.match(wrong[at] ?? '', pattern);
    }
  });

  test('where nobody answers, the domain is called bad, or the other questions are asked too', async () => {
    const { findings, asked } = await examined({ dns: { failing: [domain] } });
    assert.equal(findings.map(shown), [
      'unseen DNS: nobody answers for example.org (ESERVFAIL): nothing of it was looked at',
    ]);
    assert.equal([...new Set(asked)], ['example.org MX']);
  });

  test('a policy is read in another way than senders read it (RFC 8461)', () => {
    const text = (...lines: readonly string[]) => ['version: STSv1', ...lines].join('\r\n');
    const policy = parsePolicy(
      text('mode: enforce', 'mx:*.example.org', 'mx: MX.example.net', 'max_age: 86400', 'more: x', ''),
    );
    assert.equal(policy, { mode: 'enforce', mx: ['*.example.org', 'MX.example.net'] });
    assert.ok(policy);
    for (const name of ['a.example.org', 'A.Example.org.', 'mx.example.net'])
      assert.ok(allows(policy, name), name);
    for (const name of ['example.org', 'a.b.example.org', 'a.example.net'])
      assert.not(allows(policy, name), name);
    assert.equal(parsePolicy(text('mode: none', 'max_age: 0')), { mode: 'none', mx: [] });
    assert.is(parsePolicy(text('mode: enforce', 'max_age: 86400')), undefined, 'no mx');
    assert.is(parsePolicy(text('mode: enforced', 'mx: a', 'max_age: 86400')), undefined);
    assert.is(parsePolicy(text('mode: enforce', 'mx: a', 'max_age: 31557601')), undefined);
    assert.is(parsePolicy(text('mode: enforce', 'mx: a', 'max_age: soon')), undefined);
    assert.is(parsePolicy('mode: enforce\nmx: a\nmax_age: 86400'), undefined, 'no version');
  });

  test('a resolver that is silent or gone is waited for without end', async () => {
    const server = await dnsServer(zone, { silent: [domain] });
    const names = systemNames({ servers: [server.address], milliseconds: 30 });
    assert.equal(await names.mx(domain), { kind: 'failed', why: 'ETIMEOUT' });
    await server.close();
    const gone = await systemNames({ servers: [server.address], milliseconds: 60_000 }).mx(domain);
    assert.equal(gone, { kind: 'failed', why: 'ECONNREFUSED' });
  });

  test('the name of an address in DNS is another than RFC 1035 and RFC 3596 have it', () => {
    assert.is(reverseName('192.0.2.1'), '1.2.0.192.in-addr.arpa');
    assert.is(
      reverseName('2001:db8::567:89ab'),
      'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    );
  });
});
