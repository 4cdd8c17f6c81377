/** doctor and dns at the command line, on the machine that there is. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { holderOf, listenedBy } from '../../../src/cli/doctor/sockets.js';
import { thisMachine } from '../../../src/cli/doctor/this-machine.js';
import { selfSigned } from '../../../src/net/certificate.js';
import { readChain } from '../../../src/net/certificate-chain.js';
import { withFolder } from '../../support/folder.js';
import { command } from '../../support/in-process.js';
import { Installation, within } from '../../support/installation.js';
import { assert, suite } from '../../support/suite.js';
import { runOnTerminal } from '../../support/terminal.js';

interface Found {
  readonly level: string;
  readonly about: string;
  readonly seen: string;
  readonly mend: readonly string[];
}

const at = (folder: string) => ['--config', 'none', '--data', join(folder, 'data')];

async function doctor(...words: readonly string[]): Promise<{ code: number; found: Found[] }> {
  const { code, stdout, stderr } = await command('doctor', '--json', ...words);
  assert.match(stderr, /^\d+ bad, \d+ warnings?, \d+ not seen\n$/);
  return {
    code,
    found: stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Found),
  };
}

suite('doctor and dns at the command line', (test) => {
  test('it needs a data directory, makes one, or leaves something in it', () =>
    withFolder(async (folder) => {
      const { found } = await doctor(...at(folder));
      assert.equal(readdirSync(folder), []);
      const data = found.find(({ about }) => about === 'data');
      assert.is(data?.level, 'warning');
      assert.match(data?.mend.join() ?? '', /^obalka init --data /);
      for (const about of [
        'node',
        'clock',
        'descriptors',
        'core dumps',
        'swap',
        'disk',
        'space',
        'sync',
        'ports',
      ])
        assert.ok(
          found.some((one) => one.about === about),
          about,
        );

      assert.is((await command('init', ...at(folder))).code, 0);
      const before = readdirSync(join(folder, 'data'));
      const after = await doctor(...at(folder));
      assert.equal(readdirSync(join(folder, 'data')), before);
      assert.equal(
        after.found
          .filter(({ about }) => ['data', 'owner', 'files', 'pepper'].includes(about))
          .map(({ level }) => level),
        ['ok', 'ok', 'ok', 'ok'],
      );
      assert.is(after.code, after.found.some(({ level }) => level === 'bad') ? 1 : 0);
    }));

  test('who has a socket is not seen, or somebody else is', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'control.sock');
      const [tcp, tcp6, unix] = [createServer(), createServer(), createServer()];
      const port = (server: typeof tcp) => (server.address() as AddressInfo).port;
      await new Promise<void>((done) => tcp.listen(0, '127.0.0.1', done));
      await new Promise<void>((done) =>
        tcp6.listen({ port: 0, host: '::', ipv6Only: true }, done).on('error', () => done()),
      );
      await new Promise<void>((done) => unix.listen(path, done));
      const client = connect(path);
      try {
        await new Promise((done) => client.once('connect', done));
        const machine = thisMachine();
        assert.is((await holderOf(machine, path))?.pid, process.pid);
        assert.is(await holderOf(machine, `${path}.other`), undefined);
        const found = await listenedBy(machine, process.pid);
        assert.ok(found.includes(`127.0.0.1:${port(tcp)}`), found.join());
        if (tcp6.listening) assert.ok(found.includes(`[::]:${port(tcp6)}`), found.join());
      } finally {
        client.destroy();
        for (const server of [tcp, tcp6, unix]) server.close();
      }
    }));

  test('a secret is printed, or a fault is told by the exit code 0', () =>
    withFolder(async (folder) => {
      assert.is((await command('init', ...at(folder))).code, 0);
      const { certificate, key } = selfSigned('other.example.org');
      const [certificateFile, keyFile] = [join(folder, 'certificate'), join(folder, 'key')];
      writeFileSync(certificateFile, certificate);
      writeFileSync(keyFile, key, { mode: 0o644 });
      const pair = ['--tls-cert', certificateFile, '--tls-key', keyFile, '--hostname', 'mx.example.org'];
      const { code, stdout } = await command('doctor', ...at(folder), ...pair);
      const text = stdout.toString();
      assert.is(code, 1);
      assert.match(
        text,
        /^bad {6}certificate {2}\S+key: others can read or change the private key\n {22}chmod o-rwx,g-w /m,
      );
      assert.match(text, /^bad {6}certificate {2}none is for mx\.example\.org/m);
      const secrets = [
        readFileSync(join(folder, 'data', 'pepper'), 'utf8').trim(),
        ...key.split('\n').slice(1, 3),
      ];
      for (const secret of secrets) assert.not(text.includes(secret));
    }));

  test('dns prints another key than that of the certificate, or other names than it was told', () =>
    withFolder(async (folder) => {
      const { certificate, key } = selfSigned('mx.example.org');
      const [certificateFile, keyFile] = [join(folder, 'certificate'), join(folder, 'key')];
      writeFileSync(certificateFile, certificate);
      writeFileSync(keyFile, key, { mode: 0o600 });
      const pair = ['--tls-cert', certificateFile, '--tls-key', keyFile, '--hostname', 'mx.example.org'];
      const printed = async (...words: readonly string[]) => {
        const { code, stdout, stderr } = await command('dns', ...words, ...at(folder));
        assert.equal([code, stderr], [0, '']);
        return stdout.toString();
      };
      const zone = await printed(
        'Example.ORG.',
        '--ipv4',
        '192.0.2.1',
        '--ipv4',
        '192.0.2.2',
        '--ipv6',
        '2001:db8::1',
        ...pair,
      );
      const lines = zone.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
      const id = /id=(\w+)/.exec(zone)?.[1] ?? '';
      assert.equal(lines, [
        'example.org. 3600 IN MX 10 mx.example.org.',
        'mx.example.org. 3600 IN A 192.0.2.1',
        'mx.example.org. 3600 IN A 192.0.2.2',
        'mx.example.org. 3600 IN AAAA 2001:db8::1',
        `_mta-sts.example.org. 3600 IN TXT "v=STSv1; id=${id}"`,
        '_smtp._tls.example.org. 3600 IN TXT "v=TLSRPTv1; rua=mailto:postmaster@example.org"',
        `_25._tcp.mx.example.org. 3600 IN TLSA 3 1 1 ${readChain(certificate).keyHash}`,
      ]);
      const senders = [
        'example.org. 3600 IN TXT "v=spf1 -all"',
        'mx.example.org. 3600 IN TXT "v=spf1 -all"',
        '_dmarc.example.org. 3600 IN TXT "v=DMARC1; p=reject; adkim=s; aspf=s"',
      ];
      // Who pastes all of it must not stop mail that the domain sends.
      for (const line of senders) assert.ok(zone.includes(`\n; ${line}\n`), line);
      const sendsNone = await printed('example.org', '--sends-no-mail', ...pair);
      for (const line of senders) assert.ok(sendsNone.includes(`\n${line}\n`), line);
      const enforced = await printed('example.org', '--enforce', ...pair);
      assert.not(enforced.includes(id), 'another policy has another id');
      const policy = await printed('example.org', '--policy', '--hostname', 'mx.example.org');
      assert.is(policy, 'version: STSv1\nmode: testing\nmx: mx.example.org\nmax_age: 604800\n');
    }));

  test('what it emphasises itself is shown on a terminal as something foreign', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      chmodSync(join(made.data, 'pepper'), 0o644);
      const { stdout } = await runOnTerminal(made, 'unset NO_COLOR; obalka doctor --config none --data data');
      const shown = stdout.toString();
      assert.ok(shown.includes('\u001b[1mbad    \u001b[22m  '), shown);
      assert.not(shown.includes('U+001B'), shown);
    }));

  test('what is no domain or no address is taken', async () => {
    for (const words of [
      ['dns', '192.0.2.1'],
      ['dns', '[192.0.2.1]'],
      ['dns', 'a b'],
      ['doctor', 'a..b'],
      ['dns', 'example.org', '--ipv4', '2001:db8::1'],
    ])
      assert.is((await command(...words)).code, 2, words.join(' '));
  });
});
