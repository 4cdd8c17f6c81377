/** Kills and failures placed at system calls by strace: at the N-th sync, write to a file, or write to a client. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../peers/program.js';
import { Installation, within } from '../support/installation.js';
import { codesOf } from '../support/log-lines.js';
import type { Server } from '../support/server.js';
import { assert, skip, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';
import { Load } from './load.js';
import { contentOf } from './load-mail.js';
import { checkMail } from './oracle.js';

const recipients = ['ann@example.org', 'bob@example.org'];
const identities = ['--identity', 'ann', '--identity', 'bob'];

/** One thread does all file work, so that strace, which counts by thread, counts all of it. */
const environment = { UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' };

/** System calls, and which of them is the last one: from the making of a segment to the middle of the load. */
const places = [
  ['rename', 1],
  ['fdatasync', 3],
  ['fdatasync', 9],
  ['fdatasync', 20],
  ['fdatasync', 45],
  ['pwrite64,pwritev,pwritev2', 8],
  ['pwrite64,pwritev,pwritev2', 40],
  ['pwrite64,pwritev,pwritev2', 90],
  ['write,writev,sendmsg', 250],
  ['write,writev,sendmsg', 400],
] as const;

suite('placed kills', (test) => {
  const strace = findProgram('strace');
  const names = [
    'kill -9 at a sync, a write or a reply loses what was acknowledged',
    'a sync that fails is followed by 250',
    '250 is said before blocks and envelopes are synced',
  ] as const;
  if (!strace) {
    for (const name of names) skip(test, name, 'strace is not installed');
    return;
  }
  const under = (made: Installation, ...expressions: readonly string[]): Server => {
    Object.assign(made.environment, environment);
    // Quick, and deaf to the end of a call, at which a signal would be sent.
    const quick = expressions.some((one) => one.includes(':signal=')) ? [] : ['--seccomp-bpf'];
    const options = ['-f', ...quick, '-y', '-s', '24', '-o', join(made.folder, 'trace')];
    return made.start([strace, ...options, ...expressions.flatMap((one) => ['-e', one])]);
  };

  test(names[0], () =>
    within(Installation.with(...recipients), async (made) => {
      const load = new Load({ recipients, seed: 7 });
      for (const [calls, when] of places) {
        const server = under(made, `trace=${calls}`, `inject=${calls}:signal=KILL:when=${when}`);
        const isListening = await server.listening().then(
          () => true,
          () => false,
        );
        if (isListening) load.start(server.port, 4);
        const late = setTimeout(() => server.signal('SIGTERM'), 60_000);
        const { signal } = await server.ended;
        clearTimeout(late);
        const where = `${calls} ${when}`;
        assert.is(signal, 'SIGKILL', `${where}: the kill did not come`);
        await load.ended();
        await checkMail(made, load.sent, recipients).catch((error: Error) => {
          error.message = `${where}: ${error.message}`;
          throw error;
        });
      }
      assert.ok(load.acknowledged > 50, `${load.acknowledged} were acknowledged`);
      await made.must('verify', ...identities);
    }),
  );

  test(names[1], () =>
    within(Installation.with(...recipients), async (made) => {
      const sent = Array.from({ length: 16 }, (_, number) => ({
        number,
        to: recipients,
        acknowledged: false,
      }));
      // First one of a commit fails, and then those of the segment that should follow.
      const server = under(made, 'trace=fdatasync', 'inject=fdatasync:error=EIO:when=12..17');
      await server.listening();
      const wire = await Wire.to(server.port);
      await wire.hello();
      const replies: string[] = [];
      for (const mail of sent) {
        const reply = await wire.deliver({ from: '', to: mail.to, content: contentOf(mail.number) });
        mail.acknowledged = reply.startsWith('250');
        if (!mail.acknowledged) await wire.command('RSET');
        replies.push(reply.slice(0, 9));
      }
      await wire.quit();
      assert.ok(replies.includes('451 4.3.0'), replies.join(', '));
      assert.is(replies[0], '250 2.0.0', 'before the first failure');
      assert.is(replies.at(-1), '250 2.0.0', 'after the last failure');
      const codes = codesOf(server.stderr);
      assert.ok(
        codes.length > 0 && codes.every((code) => /^(disk-failed|blocks-lost)$/.test(code)),
        server.stderr,
      );
      assert.is((await server.stop()).code, 0);
      await checkMail(made, sent, recipients);
      await made.must('verify', ...identities);
    }),
  );

  test(names[2], () =>
    within(Installation.with(...recipients), async (made) => {
      const calls = 'fdatasync,pwritev,pwrite64,write,writev';
      const server = under(made, `trace=${calls}`);
      await server.listening();
      const wire = await Wire.to(server.port);
      await wire.hello();
      for (const number of [1, 2, 3])
        wire.must(await wire.deliver({ from: '', to: recipients, content: contentOf(number) }), '250');
      await wire.quit();
      assert.is((await server.stop()).code, 0);
      const unsynced = new Map<string, boolean>();
      let acknowledged = 0;
      const started = new Map<string, string>();
      for (const line of readFileSync(join(made.folder, 'trace'), 'utf8').split('\n')) {
        const call = /^(\d+) +(\w+)\(\d+<([^>]+)>(.*)$/.exec(line);
        const thread = call?.[1] ?? /^(\d+) /.exec(line)?.[1] ?? '';
        if (call?.[4]?.endsWith('<unfinished ...>')) started.set(thread, call[3] as string);
        const ended = /<\.\.\. fdatasync resumed>/.test(line) ? started.get(thread) : undefined;
        const stream = /\/(blocks|envelopes)$/.exec(call?.[3] ?? '')?.[1];
        if (stream && /^pwrite/.test(call?.[2] ?? '')) unsynced.set(stream, true);
        if (call?.[2] === 'fdatasync' && / = 0$/.test(line) && stream) unsynced.set(stream, false);
        const resumed = /\/(blocks|envelopes)$/.exec(ended ?? '')?.[1];
        if (resumed && / = 0$/.test(line)) unsynced.set(resumed, false);
        if (!/"250 2\.0\.0 Ok: /.test(line)) continue;
        acknowledged++;
        assert.equal([...unsynced.entries()].sort(), [
          ['blocks', false],
          ['envelopes', false],
        ]);
      }
      assert.is(acknowledged, 3, 'acknowledgements in the trace');
    }),
  );
});
