/** serve: listeners of every kind, the user it becomes, certificates read again, descriptors, and how it ends. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { TlsWatch } from '../../src/cli/server/tls-files.js';
import { selfSigned } from '../../src/net/certificate.js';
import { Certificates } from '../../src/net/certificates.js';
import type { ListenAddress } from '../../src/net/listener.js';
import { eventually, Peer, pause } from '../net/peer.js';
import { Installation, obalka, within } from '../support/installation.js';
import { assert, skip, suite } from '../support/suite.js';

const ann = () => Installation.with('ann@example.org');
const content = (text: string) =>
  `MAIL FROM:<a@example.net>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\nSubject: ${text}\r\n\r\n${text}\r\n.\r\nQUIT\r\n`;
const smtp = (text: string) => `EHLO client.example\r\n${content(text)}`;
const lmtp = (text: string) => `LHLO client.example\r\n${content(text)}`;
const taken = /\n250 2\.0\.0 Ok: [a-z2-7]{10}\r\n221 /;

/** Where it says that it listens, in order. */
function listening(stdout: string): ListenAddress[] {
  return [...stdout.matchAll(/^listening (smtps?|lmtp) (?:unix:(.*)|fd:(\d+)|\[?(.*?)\]?:(\d+))$/gm)].map(
    ([, protocol, path, fd, host, port]) =>
      ({
        protocol,
        ...(path ? { path } : fd ? { fd: Number(fd) } : { host, port: Number(port) }),
      }) as ListenAddress,
  );
}

async function subjects(made: Installation): Promise<string[]> {
  const listed = await made.must('list', '--json', '--identity', made.identity('ann'));
  return listed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { subject: string }).subject)
    .sort();
}

async function tlsOf(made: Installation, subject: string): Promise<string> {
  const listed = await made.must('list', '--json', '--identity', made.identity('ann'));
  for (const line of listed.split('\n').filter((text) => text !== '')) {
    const mail = JSON.parse(line) as { id: string; subject: string };
    if (mail.subject !== subject) continue;
    const read = await made.must('read', mail.id, '--json', '--identity', made.identity('ann'));
    return (JSON.parse(read) as { envelope: { tls: string } }).envelope.tls;
  }
  throw new Error(`no mail ${subject}`);
}

function writePair(folder: string, name: string): { certificate: string; key: string } {
  const pair = selfSigned(name);
  const paths = { certificate: join(folder, 'fullchain.pem'), key: join(folder, 'privkey.pem') };
  writeFileSync(paths.certificate, pair.certificate);
  writeFileSync(paths.key, pair.key, { mode: 0o600 });
  return paths;
}

async function shownBy(address: ListenAddress): Promise<string> {
  const client = new Peer(address);
  await client.until(/^220 /m);
  const shown = (client.socket as TLSSocket).getPeerCertificate().subjectaltname ?? '';
  client.close();
  return shown;
}

suite('serve: listeners', (test) => {
  test('one of a mix does not serve, says something else, or lets others in', () =>
    within(ann(), async (made) => {
      const path = join(made.folder, 'lmtp');
      const words = ['127.0.0.1:0', 'smtp://[::1]:0', 'smtps://127.0.0.1:0', `lmtp://unix:${path}?mode=0660`];
      const server = made.start([], ...words.flatMap((word) => ['--listen', word]));
      await server.listening(4);
      const addresses = listening(server.stdout);
      assert.equal(
        addresses.map(({ protocol }) => protocol),
        ['smtp', 'smtp', 'smtps', 'lmtp'],
      );
      assert.is(statSync(path).mode & 0o777, 0o660);
      for (const [index, address] of addresses.entries()) {
        const client = new Peer(address).send((index === 3 ? lmtp : smtp)(`mail ${index}`));
        assert.match(await client.untilEnd(), taken);
      }
      const first = new Peer(addresses[0] as ListenAddress);
      await first.send('EHLO client.example\r\n').until(/^250 STARTTLS/m);
      const inside = await first.startTls();
      assert.match(await inside.send(smtp('mail 4')).untilEnd(), taken);
      assert.is((await server.stop()).code, 0);
      assert.not(existsSync(path), 'the socket is left behind');
      assert.equal(await subjects(made), ['mail 0', 'mail 1', 'mail 2', 'mail 3', 'mail 4']);
      assert.is(await tlsOf(made, 'mail 0'), '');
      for (const mail of ['mail 2', 'mail 4'])
        assert.match(await tlsOf(made, mail), /^TLSv1\.3 TLS_[A-Z0-9_]+$/);
      const own = join(made.data, 'tls-own.pem');
      const before = readFileSync(own);
      assert.is(statSync(own).mode & 0o777, 0o600);
      await (await made.serve()).stop();
      assert.ok(before.equals(readFileSync(own)), 'another certificate at every start');
    }));

  test('a socket left behind keeps a server from starting; one in use, or a file, is taken away', () =>
    within(ann(), async (made) => {
      const path = join(made.folder, 'socket');
      const killed = made.start([], '--listen', `unix:${path}`);
      await killed.listening();
      await killed.kill();
      assert.ok(existsSync(path));
      const again = made.start([], '--listen', `unix:${path}`);
      await again.listening();
      assert.is(statSync(path).mode & 0o777, 0o600);
      const second = await made.run('serve', '--listen', `unix:${path}`);
      assert.is(second.code, 1);
      assert.match(second.stderr, /^obalka: cannot listen on .*socket: another program listens there; .*\n$/);
      await new Peer({ path }).until(/^220 /m);
      await again.stop();
      writeFileSync(path, 'precious');
      const third = await made.run('serve', '--listen', `unix:${path}`);
      assert.is(third.code, 1);
      assert.match(third.stderr, /no socket exists there/);
      assert.is(readFileSync(path, 'utf8'), 'precious');
    }));

  test('words of a listener that are wrong are taken', () =>
    within(ann(), async (made) => {
      for (const [word, fault] of [
        ['unix:', /a path/],
        ['unix:x?mode=9', /mode=0660/],
        ['unix:x?mode=0660&shoe=1', /shoe=1/],
        ['unix:x?group=no-such-group', /no-such-group: no such group/],
        ['unix:x?owner=no-such-user', /no-such-user: no such user/],
        ['fd:x', /HOST:PORT/],
        ['systemd', /no such socket/],
        ['systemd:mx', /no such socket/],
        ['imap://127.0.0.1:0', /imap is not offered/],
      ] as const) {
        const ended = await made.run('serve', '--listen', word);
        assert.is(ended.code, 2, word);
        assert.match(ended.stderr, fault);
      }
      const ended = await made.run('serve', '--listen', 'fd:0');
      assert.is(ended.code, 1);
      assert.match(ended.stderr, /^obalka: cannot listen on descriptor 0: it is no listening socket/);
    }));

  const passing = 'sockets passed by systemd: not used, or used by a process that they are not for';
  if (spawnSync('python3', ['--version']).error) skip(test, passing, 'no python3');
  else
    test(passing, () =>
      within(ann(), async (made) => {
        const path = join(made.folder, 'passed');
        // What systemd does for two .socket units.
        const pass = `
import os, socket, sys
tcp = socket.create_server(('127.0.0.1', 0))
unix = socket.socket(socket.AF_UNIX); unix.bind(sys.argv[1]); unix.listen()
pair = [os.dup2(os.dup(one.fileno()), fd, inheritable=True) for fd, one in ((13, tcp), (14, unix))]
os.dup2(13, 3, inheritable=True); os.dup2(14, 4, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid() + int(sys.argv[2])), LISTEN_FDS='2', LISTEN_FDNAMES='mx:local')
os.execv(sys.argv[3], sys.argv[3:])
`;
        const start = (offset: string, ...args: string[]) => {
          const words = [path, offset, process.execPath, obalka, 'serve', '--data', made.data, ...args];
          return spawn('python3', ['-c', pass, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
        };
        const child = start('0', '--listen', 'systemd:mx', '--listen', 'lmtp://systemd:local');
        let stdout = '';
        child.stdout.on('data', (bytes) => (stdout += bytes));
        await eventually(() => listening(stdout).length === 2, 'listening');
        const [tcp, unix] = listening(stdout);
        assert.equal(unix, { protocol: 'lmtp', fd: 4 });
        assert.match(await new Peer(tcp as ListenAddress).send(smtp('one')).untilEnd(), taken);
        assert.match(await new Peer({ path }).send(lmtp('two')).untilEnd(), taken);
        const ended = new Promise((done) => child.once('close', done));
        child.kill('SIGTERM');
        assert.is(await ended, 0);
        assert.equal(await subjects(made), ['one', 'two']);
        spawnSync('rm', ['-f', path]);
        const other = start('1', '--listen', 'systemd:mx');
        assert.is(await new Promise((done) => other.once('close', done)), 2);
      }),
    );
});

suite('serve: standard input and output', (test) => {
  for (const [protocol, text] of [
    ['smtp', smtp('stdio')],
    ['lmtp', lmtp('stdio')],
  ] as const)
    test(`${protocol}: something else on standard output, or a process that stays`, () =>
      within(ann(), async (made) => {
        const child = spawn(process.execPath, [obalka, 'serve', '--stdio', protocol, '--data', made.data]);
        let stdout = '';
        child.stdout.on('data', (bytes) => (stdout += bytes));
        child.stdin.write(text);
        const started = performance.now();
        assert.is(await new Promise((done) => child.once('close', done)), 0);
        assert.ok(performance.now() - started < 30_000, 'it waited for its parent');
        assert.match(stdout, /^220 [^\r\n]+ ESMTP\r\n250-/);
        assert.match(stdout, taken);
        assert.not.match(stdout, /listening|STARTTLS/);
        assert.equal(await subjects(made), ['stdio']);
      }));

  test('a parent that closes in mid-content: something stored; one data directory for two: no reply', () =>
    within(ann(), async (made) => {
      const half = await made.shell(
        `printf 'LHLO x\\r\\nMAIL FROM:<>\\r\\nRCPT TO:<ann@example.org>\\r\\nDATA\\r\\nhalf' | obalka serve --stdio lmtp --data data`,
      );
      assert.is(half.code, 0, half.stderr);
      assert.match(half.stdout.toString(), /354 [^\r\n]*\r\n$/);
      assert.equal(await subjects(made), []);
      // A parent that reads nothing leaves no process behind.
      const words = ['serve', '--stdio', 'smtp', '--data', made.data, '--drain-seconds', '0'];
      const deaf = spawn(process.execPath, [obalka, ...words]);
      const deafEnded = new Promise<void>((done) => deaf.once('exit', () => done()));
      await new Promise<void>((done) => deaf.stdout.once('data', () => done()));
      deaf.stdout.pause();
      for (let i = 0; i < 40; i++) deaf.stdin.write('HELP\r\n'.repeat(10_000));
      deaf.stdin.on('error', () => undefined);
      await new Promise((done) => setTimeout(done, 300));
      deaf.kill('SIGTERM');
      await deafEnded;
      const server = await made.serve();
      const second = await made.shell(`obalka serve --stdio lmtp --data data </dev/null`);
      assert.is(second.code, 75);
      assert.is(second.stdout.toString(), '421 4.3.0 Service not available, try again later\r\n');
      await server.stop();
    }));
});

suite('serve: users', (test) => {
  const dropping = 'a server that became another user keeps rights of root';
  if (process.getuid?.() !== 0) skip(test, dropping, 'not root');
  else
    test(dropping, () =>
      within(ann(), async (made) => {
        const nobody = spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout.trim();
        const group = spawnSync('id', ['-g', 'nobody'], { encoding: 'utf8' }).stdout.trim();
        const refused = await made.run('serve', '--user', 'nobody', '--listen', '127.0.0.1:0');
        assert.is(refused.code, 1);
        assert.match(
          refused.stderr,
          /(belongs to user 0, and the server runs as user \d+; mend it with: chown)|looked at/,
        );
        chmodSync(made.folder, 0o755);
        for (const name of ['.', ...readdirSync(made.data, { recursive: true, encoding: 'utf8' })])
          chownSync(join(made.data, name), Number(nobody), Number(group));
        const asRoot = await made.run('serve', '--listen', '127.0.0.1:0');
        assert.is(asRoot.code, 1);
        assert.match(
          asRoot.stderr,
          /belongs to user \d+, and the server runs as user 0; start the server with --user/,
        );
        for (const words of [
          ['--listen', `lmtp://unix:${made.data}/socket`],
          ['--listen', '127.0.0.1:0', '--metrics', `unix:${made.data}/socket`],
        ]) {
          const misled = await made.run('serve', '--user', 'nobody', ...words);
          assert.is(misled.code, 1);
          assert.match(
            misled.stderr,
            /data belongs to user \d+, who could mislead root; choose a path in a folder/,
          );
        }
        const path = join(made.folder, 'socket');
        const server = made.start(
          [],
          '--user',
          'nobody',
          '--listen',
          `lmtp://unix:${path}?mode=0666&owner=nobody`,
        );
        await server.listening();
        assert.is(statSync(path).uid, Number(nobody));
        const status = readFileSync(`/proc/${server.pid}/status`, 'latin1');
        assert.match(status, new RegExp(`^Uid:(\t${nobody}){4}$`, 'm'));
        assert.match(status, new RegExp(`^Gid:(\t${group}){4}$`, 'm'));
        assert.match(status, new RegExp(`^Groups:\t${group} ?$`, 'm'));
        assert.match(status, /^CapEff:\t0+$/m);
        assert.match(await new Peer({ path }).send(lmtp('nobody')).untilEnd(), taken);
        assert.is((await server.stop()).code, 0);
        for (const wrong of ['root', 'no-such-user', 'nobody:no-such-group'])
          assert.is((await made.run('serve', '--user', wrong)).code, 2, wrong);
      }),
    );
});

suite('serve: certificates', (test) => {
  test('a new certificate is not taken at SIGHUP, or a bad one is', () =>
    within(ann(), async (made) => {
      const { certificate, key } = writePair(made.folder, 'old.example');
      const words = ['--listen', 'smtps://127.0.0.1:0', '--tls-cert', certificate, '--tls-key', key];
      const server = made.start([], ...words, '--require-tls');
      await server.listening();
      const address = listening(server.stdout)[0] as ListenAddress;
      assert.is(await shownBy(address), 'DNS:old.example');
      const session = new Peer(address);
      await session.until(/^220 /m);
      writePair(made.folder, 'new.example');
      server.signal('SIGHUP');
      await eventually(() => server.stderr.includes('certificates read again'), 'reading');
      assert.is(await shownBy(address), 'DNS:new.example');
      writeFileSync(key, selfSigned('x.example').key);
      server.signal('SIGHUP');
      await eventually(() => server.stderr.includes('the old ones stay in use'), 'reading');
      assert.match(
        server.stderr,
        /^obalka: certificates-kept: certificates not read again, the old ones stay in use \(not its key\)$/m,
      );
      assert.is(await shownBy(address), 'DNS:new.example');
      assert.match(await session.send(smtp('kept')).untilEnd(), taken);
      assert.is((await server.stop()).code, 0);
      const bad = await made.run('serve', ...words);
      assert.is(bad.code, 1);
      assert.match(bad.stderr, /fullchain\.pem: .*privkey\.pem belongs to another certificate; .*\n$/);
      assert.is((await made.run('serve', '--tls-cert', certificate)).code, 2);
      assert.is((await made.run('serve', '--no-tls', '--require-tls')).code, 2);
      chmodSync(join(made.data, '..'), 0o755);
    }));

  test('files that change are not looked at, or are taken half written', () =>
    within(Installation.empty(), async (made) => {
      const files = [writePair(made.folder, 'old.example')];
      const read = (name: string) => selfSigned(name);
      const certificates = new Certificates([{ place: 'old', ...read('old.example') }]);
      const log: string[] = [];
      const watch = await TlsWatch.start({ files, certificates, every: 30, log: (code) => log.push(code) });
      try {
        await pause(150);
        assert.equal(log, []);
        const before = certificates.contextFor();
        const next = read('new.example');
        writeFileSync(files[0]?.certificate as string, next.certificate);
        writeFileSync(files[0]?.key as string, next.key);
        await eventually(() => log.length === 1, 'a look');
        assert.equal(log, ['certificates-read']);
        assert.is.not(certificates.contextFor(), before);
        // As certbot does: a link that points elsewhere, here with the same size and age.
        const kept = certificates.contextFor();
        copyFileSync(files[0]?.key as string, join(made.folder, 'copy'));
        writeFileSync(files[0]?.key as string, 'nonsense');
        utimesSync(files[0]?.key as string, 1, 1);
        await eventually(() => log.length === 2, 'a look');
        assert.is(log[1], 'certificates-kept');
        assert.is(certificates.contextFor(), kept);
        await pause(120);
        assert.is(log.length, 2, 'it says so again and again');
      } finally {
        watch.stop();
      }
    }));
});

suite('serve: the end', (test) => {
  test('a second signal waits, or loses what was acknowledged', () =>
    within(ann(), async (made) => {
      const server = await made.serve('--drain-seconds', '60');
      const address = { host: '127.0.0.1', port: server.port };
      assert.match(await new Peer(address).send(smtp('kept')).untilEnd(), taken);
      const idle = new Peer(address);
      const busy = new Peer(address);
      await Promise.all([
        idle.send('EHLO x\r\n').until(/^250 /m),
        busy.send(smtp('half').replace(/\.\r\nQUIT\r\n$/, '')).until(/^354 /m),
      ]);
      server.signal('SIGTERM');
      assert.match(await idle.untilEnd(), /\r\n421 4\.3\.2 Shutting down\r\n$/);
      await pause(100);
      assert.not(busy.ended);
      const started = performance.now();
      server.signal('SIGTERM');
      assert.is((await server.ended).code, 143);
      assert.ok(performance.now() - started < 30_000);
      assert.equal(await subjects(made), ['kept']);
      await (await made.serve()).stop();
    }));

  test('a process with few descriptors starts, or loses mail when clients use them up', () =>
    within(ann(), async (made) => {
      const few = made.startShell(
        `ulimit -n 200; exec "$NODE" "$OBALKA" serve --data data --listen 127.0.0.1:0`,
      );
      assert.is((await few.ended).code, 1);
      assert.match(few.stderr, /this process may open 200 files, too few to serve/);
      const server = made.startShell(
        `ulimit -n 260; exec "$NODE" "$OBALKA" serve --data data --listen 127.0.0.1:0`,
      );
      await server.listening();
      const address = { host: '127.0.0.1', port: server.port };
      const flood = Array.from({ length: 400 }, () => new Peer(address));
      const greeted = () => flood.filter((client) => client.received.startsWith('220 '));
      await eventually(() => greeted().length >= 61, '61 are greeted');
      await pause(300);
      const served = greeted();
      assert.is(served.length, 61);
      const one = served[0] as Peer;
      assert.match(await one.send(smtp('flooded')).untilEnd(), taken);
      for (const client of flood) client.close();
      assert.is((await server.stop()).code, 0);
      assert.equal(await subjects(made), ['flooded']);
    }));
});
