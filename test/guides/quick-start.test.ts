/** The quick start, typed as it stands, by a user who has nothing. */

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { findProgram } from '../peers/program.js';
import { assert, suite } from '../support/suite.js';
import { Guide } from './guide.js';
import { Machine } from './machine.js';

const root = resolve(import.meta.dirname, '../../..');

/**
 * npm, for a machine that has nothing: what is built here is packed as it stands, and what is installed from that gets
 * the SQLite that was compiled here; that takes a minute, and is not this program's. All else is npm's own, from its cache
 * where that has it.
 */
function bringNpm(machine: Machine): void {
  const npm = findProgram('npm') as string;
  const prefix = machine.path('/usr');
  const modules = join(prefix, 'lib/node_modules/obalka/node_modules');
  const built = ['better-sqlite3', 'better-sqlite3-for-node-20'].map((name) => {
    const build = join(root, 'node_modules', name, 'build');
    return `[ ! -d ${build} ] || [ ! -d ${modules}/${name} ] || cp -rL ${build} ${modules}/${name}/`;
  });
  machine.uninstall('obalka');
  machine.program(
    'npm',
    'case $1 in',
    'ci) ;;',
    `pack) to=$PWD; cd ${root} && exec ${npm} pack --silent --ignore-scripts --pack-destination "$to" ;;`,
    `install) shift; ${npm} install --silent --prefix ${prefix} --ignore-scripts --prefer-offline "$@" || exit`,
    ...built,
    ';;',
    'esac',
  );
  machine.made.environment.PATH = `${prefix}/bin:${machine.made.environment.PATH}`;
  // npm finds its registry as it does outside of the test.
  for (const [name, value] of Object.entries(process.env))
    if (/^(npm_config_.*|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name))
      machine.made.environment[name] = value;
  machine.made.environment.npm_config_userconfig =
    process.env.npm_config_userconfig ?? join(homedir(), '.npmrc');
  machine.made.environment.npm_config_cache = process.env.npm_config_cache ?? join(homedir(), '.npm');
}

suite('guide: quick start', (test) => {
  test('whoever follows it does not get to read a mail, or a thief does', () =>
    Machine.using(async (machine) => {
      const guide = new Guide('quick-start.md');
      bringNpm(machine);
      await machine.type(guide.next('sh', 'apt-get'));
      await machine.type(guide.next('sh', 'npm ci\nnpm pack'));
      assert.match(await machine.type(guide.next('sh', 'npm install')), /^\d+\.\d+\.\d+$/m);
      const variables = 'export OBALKA_DATA=$PWD/data OBALKA_IDENTITY=$PWD/me\n';
      await machine.type(guide.next('sh', variables));
      const serve = guide.next('sh', 'obalka serve').replace(':2525', ':0');
      const server = await machine.serve(`${variables}${serve}`);
      machine.let('127\\.0\\.0\\.1:2525', `127.0.0.1:${server.port}`);
      const listed = await machine.type(guide.next('sh', 'curl'));
      const [, id = ''] = /^([a-z2-7]{13}) .* First\n$/.exec(listed) ?? [];
      const read = guide.next('sh', 'obalka read ID').replace('ID', id.slice(0, 4));
      assert.match(await machine.type(`${variables}${read}`), /\nSubject: +First\n[\s\S]*\nHello\.\n/);
      assert.is(await machine.type(guide.next('sh', 'grep')), '0\n');
      // The same finds something where there is something.
      assert.match(await machine.type('grep -r -a -i -c -h -e hello mail.eml'), /^1$/m);
      assert.is(
        await machine.type(`${variables}${guide.next('sh', 'no key, no mail')}`),
        'no key, no mail\n',
      );
      assert.match(await machine.type(`${variables}obalka list`), /First\n$/);
      assert.is((await server.stop()).code, 0, server.stderr);
      guide.end();
    }));
});
