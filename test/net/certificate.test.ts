/** The self-signed certificate, in the eyes of programs that we did not write. */
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { selfSigned } from '../../src/net/certificate.js';
import { assert, skip, suite } from '../support/suite.js';

const hosts = [
  'mx.example.org',
  'a',
  '192.0.2.7',
  '2001:db8::7',
  '::1',
  '::ffff:192.0.2.7',
  `${'l'.repeat(60)}.example.org`,
];

suite('certificate', (test) => {
  test('a name or address that it is not for, or a date at which it is not valid', () => {
    for (const host of hosts) {
      const certificate = new X509Certificate(selfSigned(host).certificate);
      if (/^[\d.]+$|:/.test(host)) assert.ok(certificate.checkIP(host), host);
      else assert.ok(certificate.checkHost(host), host);
      assert.not.ok(certificate.checkHost('other.example.org'));
      assert.ok(certificate.verify(certificate.publicKey), 'its own signature');
      assert.is(certificate.validTo, 'Dec 31 23:59:59 9999 GMT');
      assert.is(certificate.validFrom, 'Jan  1 00:00:00 2000 GMT');
    }
  });

  test('two that are alike: a key or serial number that was made before', () => {
    const [one, other] = [selfSigned('a.example'), selfSigned('a.example')].map(
      ({ certificate }) => new X509Certificate(certificate),
    ) as [X509Certificate, X509Certificate];
    assert.is.not(one.serialNumber, other.serialNumber);
    assert.not.ok(one.verify(other.publicKey));
  });

  test('a client that trusts it, and is refused or fooled', async () => {
    const { certificate, key } = selfSigned('mx.example.org');
    const server = createServer({ cert: certificate, key }, (socket) => socket.end('hello'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const ask = (servername: string) =>
      new Promise<string>((done) => {
        const socket = connect({ port, host: '127.0.0.1', ca: certificate, servername });
        socket.on('data', (bytes) => done(bytes.toString()));
        socket.on('error', (error: NodeJS.ErrnoException) => done(String(error.code)));
      });
    assert.is(await ask('mx.example.org'), 'hello');
    assert.is(await ask('other.example.org'), 'ERR_TLS_CERT_ALTNAME_INVALID');
    await new Promise((done) => server.close(done));
  });

  const openssl = 'openssl: a form that another library does not read, or would not write';
  if (spawnSync('openssl', ['version']).error) skip(test, openssl, 'no openssl');
  else
    test(openssl, () => {
      const folder = mkdtempSync(join(tmpdir(), 'obalka-certificate-'));
      for (const host of hosts) {
        const file = join(folder, 'certificate.pem');
        writeFileSync(file, selfSigned(host).certificate);
        const run = (...args: string[]) => spawnSync('openssl', args, { encoding: 'utf8' });
        assert.is(run('verify', '-x509_strict', '-CAfile', file, file).stdout, `${file}: OK\n`, host);
        const { stdout } = run('asn1parse', '-in', file);
        assert.not.match(stdout, /error/i);
      }
      rmSync(folder, { recursive: true });
    });
});
