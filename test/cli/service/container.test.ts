/** The container file: its steps, run one by one in a folder, as far as that goes without an engine. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { assert, suite } from '../../support/suite.js';

const root = resolve(import.meta.dirname, '../../../..');
const text = readFileSync(join(root, 'tools/container/Containerfile'), 'utf8');

interface Step {
  readonly name: string;
  readonly words: string;
}

const steps: readonly Step[] = text
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, name = '', words = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return { name, words };
  });

function only(name: string): string {
  const found = steps.filter((step) => step.name === name);
  assert.is(found.length, 1, name);
  return found[0]?.words ?? '';
}

suite('container', (test) => {
  test('it runs as root, brings something from the network by itself, or has tools in it that a thief would like', () => {
    assert.equal(
      steps.map(({ name }) => name).filter((name) => !/^[A-Z]+$/.test(name)),
      [],
    );
    const names =
      'FROM COPY RUN FROM COPY RUN ENV USER WORKDIR VOLUME EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD';
    assert.is(steps.map(({ name }) => name).join(' '), names);
    assert.match(only('USER'), /^[1-9]\d{4}:[1-9]\d{4}$/);
    assert.match(
      steps.filter(({ name }) => name === 'FROM')[1]?.words ?? '',
      /^docker\.io\/library\/node:\d+-\w+-slim$/,
    );
    assert.is(only('STOPSIGNAL'), 'SIGTERM');
  });

  test('what it installs does not serve, writes elsewhere, or is taken for well when it is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'obalka-container-'));
    const inside = (words: string) =>
      words.replace(/\/(opt\/obalka|var\/lib\/obalka|tmp\/obalka)/g, `${folder}/$1`);
    try {
      // COPY and RUN npm install: where they put the package; what is packed is tried elsewhere.
      const [install = '', make = ''] = steps.filter(({ name }) => name === 'RUN').map(({ words }) => words);
      assert.match(install, /^npm install --global --prefix \/opt\/obalka --omit=dev .*\/tmp\/obalka\.tgz$/);
      const home = join(folder, 'opt/obalka/lib/node_modules/obalka');
      mkdirSync(dirname(home), { recursive: true });
      symlinkSync(root, home);
      const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
        bin: Record<string, string>;
      };
      mkdirSync(join(folder, 'opt/obalka/bin'));
      symlinkSync(join(home, bin.obalka as string), join(folder, 'opt/obalka/bin/obalka'));
      // RUN install: only root may give folders away.
      mkdirSync(join(folder, 'var/lib'), { recursive: true });
      const me = `-o ${process.getuid?.()} -g ${process.getgid?.()}`;
      execFileSync('sh', ['-c', inside(make).replace(/-o \d+ -g \d+/, me)]);
      const data = join(folder, 'var/lib/obalka');
      assert.is(statSync(data).mode & 0o777, 0o700);

      const variables = only('ENV')
        .split(' ')
        .map((word) => word.split('=') as [string, string]);
      const env = {
        ...Object.fromEntries(variables.map(([name, value]) => [name, inside(value)])),
        PATH: process.env.PATH,
      };
      const [entry = ''] = JSON.parse(inside(only('ENTRYPOINT'))) as string[];
      const [, ...arguments_] = JSON.parse(only('CMD')) as string[];
      const begin = (...more: string[]) => [entry, ...more];
      assert.is(spawnSync(process.execPath, begin('init'), { cwd: inside(only('WORKDIR')), env }).status, 0);
      // Ports that others may have are any, here.
      const free = arguments_.map((word) => word.replace(/^([\d.]+):\d+$/, '$1:0'));
      assert.is.not(free.join(), arguments_.join());
      const server = spawn(process.execPath, begin('serve', ...free), {
        cwd: data,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = new Promise((done) => server.once('close', done));
      let said = '';
      server.stderr.on('data', (bytes) => (said += bytes));
      const port = await new Promise<string>((done) => {
        let out = '';
        server.stdout.on('data', (bytes) => {
          out += bytes;
          const found = /^figures 127\.0\.0\.1:(\d+)$/m.exec(out)?.[1];
          if (found) done(found);
        });
        void ended.then(() => done(''));
      });
      assert.is.not(port, '', said);
      const [program = '', ...check] = JSON.parse(only('HEALTHCHECK').replace(/^.* CMD /, '')) as string[];
      assert.is(program, 'node');
      const health = () =>
        spawnSync(
          process.execPath,
          check.map((word) => word.replace(':9465/', `:${port}/`)),
          { env },
        ).status;
      assert.is(health(), 0);
      server.kill(only('STOPSIGNAL') as NodeJS.Signals);
      assert.is(await ended, 0);
      assert.is(health(), 1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
