/** The guides to figures, to containers and to upgrades, and the example in that to troubleshooting, typed as they stand. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { events } from '../../src/cli/log/events.js';
import { assert, suite } from '../support/suite.js';
import { Guide } from './guide.js';
import { Machine, until } from './machine.js';

const root = resolve(import.meta.dirname, '../../..');

suite('guide: figures', (test) => {
  test('the server is not ready where the guide looks, or an alert goes by a figure that there is not', () =>
    Machine.using(async (machine) => {
      const guide = new Guide('metrics.md');
      await machine.type('obalka init');
      const serve = guide.next('sh', 'obalka serve').replace(':9465', ':0');
      const server = await machine.serve(serve, '--listen', '127.0.0.1:0');
      await until(() => /^figures /m.test(server.stdout));
      const where = /^figures (\S+)$/m.exec(server.stdout)?.[1] ?? '';
      assert.is(await machine.type(guide.next('sh', 'readyz').replace('127.0.0.1:9465', where)), 'yes\n');
      assert.is((await server.stop()).code, 0);
      const names = guide.next('yaml', 'alert').match(/obalka_\w+/g) ?? [];
      const shown = new Set(guide.text.match(/(?<=^\| `)obalka_\w+/gm));
      assert.equal(
        names.filter((name) => !shown.has(name.replace(/_bucket$/, ''))),
        [],
      );
      guide.end();
    }));
});

suite('guide: container', (test) => {
  test('the engine is given words that obalka does not take', () =>
    Machine.using(async (machine) => {
      const guide = new Guide('container.md');
      machine.standIn('npm');
      await machine.type(guide.next('sh', 'podman build'));
      const [, , , build = ''] = machine.calls();
      assert.ok(existsSync(join(root, /--file (\S+)/.exec(build)?.[1] ?? 'none')), build);
      await machine.type('obalka key new ann');
      await machine.type(guide.next('sh', 'podman volume'));
      const [volume, init = '', serve = '', register = ''] = machine.calls();
      assert.is(volume, 'podman volume create obalka');
      /** Behind the image's name. */
      const inside = (call: string) => `obalka ${call.replace(/^.* obalka /, '')}`;
      await machine.type(inside(init));
      const words = inside(serve)
        .replace('0.0.0.0:2525', '127.0.0.1:0')
        .replace('127.0.0.1:9465', '127.0.0.1:0');
      const server = await machine.serve(words);
      await machine.type(`${inside(register)} < ann.pub`);
      assert.match(await machine.type('obalka registered ann@example.org'), /^[a-z2-7]{4}-/);
      assert.is((await server.stop()).code, 0);
      guide.end();
    }));
});

suite('guide: upgrade', (test) => {
  test('a command of the guide does not do what it says', () =>
    Machine.using(async (machine) => {
      const guide = new Guide('upgrade.md');
      machine.standIn('npm');
      await machine.type('obalka init\nobalka service --to /etc\nmkdir /etc/obalka');
      await machine.type('obalka config example > /etc/obalka/obalka.toml');
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
      assert.ok((await machine.type(guide.next('sh', 'obalka verify'))).startsWith(`${version}\n`));
      const installed = guide.next('sh', 'config check');
      assert.ok(installed.includes(`obalka-${version}.tgz`), 'the guide names another version');
      await machine.type(installed);
      await machine.type(guide.next('sh', 'restart'));
      assert.equal(machine.calls().slice(-2), ['systemctl daemon-reload', 'systemctl restart obalka']);
      await machine.type(guide.next('sh', 'obalka verify'));
      await machine.type(guide.next('sh', '--force'));
      machine.calls();
      await machine.type(guide.next('sh', 'obalka.newer'));
      assert.equal(machine.calls(), ['systemctl stop obalka*.socket obalka.service']);
      assert.not.ok(existsSync(machine.path('/var/lib/obalka')));
      guide.end();
    }));
});

suite('guide: troubleshooting', (test) => {
  test('the line that is shown is none that the server says', () => {
    const guide = new Guide('troubleshooting.md');
    const [, code = '', words = ''] =
      /^obalka: ([a-z-]+): (.*) \(/.exec(guide.next('text', 'obalka: ')) ?? [];
    assert.ok(JSON.stringify(events[code as keyof typeof events]).includes(words), code);
    guide.end();
  });
});
