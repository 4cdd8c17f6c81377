/** Findings about permissions: what others can read, change or replace, and what the server cannot write. */
import { dataDirectory } from '../../../src/cli/data/data-directory.js';
import { permissionFindings } from '../../../src/cli/doctor/permissions.js';
import { fakeMachine, file, folder, type Told } from '../../support/fake-machine.js';
import { assert, suite } from '../../support/suite.js';

const at = '/srv/mail';
const good: NonNullable<Told['there']> = {
  '/': folder(0o755),
  '/srv': folder(0o755),
  '/etc/obalka.toml': file(0o644),
  [at]: folder(),
  [`${at}/journal`]: folder(),
  [`${at}/journal/journal`]: file(),
  [`${at}/pepper`]: file(),
  [`${at}/registry.sqlite`]: file(),
  [`${at}/signers`]: folder(),
  [`${at}/signers/one`]: file(),
};

async function found(there: Told['there'], user = 0, serving?: number): Promise<string[]> {
  const findings = await permissionFindings(fakeMachine({ there: there ?? {}, user }), {
    data: dataDirectory(at),
    serving,
    configuration: '/etc/obalka.toml',
  });
  return findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, seen, mend }) => [`${level} ${seen}`, ...mend].join(' | '));
}

/** All is good but for one path. */
const but = (path: string, looked: ReturnType<typeof file>) => found({ ...good, [path]: looked });

suite('findings about permissions', (test) => {
  test('a data directory that is as it should be has a fault', async () => {
    assert.equal(await found(good), []);
    assert.equal(await found(good, 0, 0), []);
  });

  test('others can do what they should not, and it is not said', async () => {
    const cases: readonly (readonly [string, ReturnType<typeof file>, RegExp])[] = [
      [at, folder(0o750), /^warning .*others can look into it \| chmod 700 \/srv\/mail$/],
      [at, folder(0o770), /^bad .*others can change it \| chmod 700/],
      ['/srv', folder(0o777), /^bad \/srv: others can put another folder .*\| chmod o-w \/srv$/],
      ['/etc/obalka.toml', file(0o666), /^bad .*others can change the configuration \| chmod go-w/],
      [`${at}/signers/one`, file(0o640), /^bad .*signers\/one: others can read it.*\| chmod go-rwx/],
      [`${at}/journal/journal`, file(0o606), /^bad .*journal\/journal: others can change it/],
      [
        `${at}/registry.sqlite`,
        file(0o600, 1000),
        /^bad .*registry\.sqlite: belongs to user 1000.*\| chown -R 0 \/srv\/mail$/,
      ],
    ];
    for (const [path, looked, pattern] of cases) {
      const lines = await but(path, looked);
      assert.is(lines.length, 1, lines.join('\n'));
      assert.match(lines[0] ?? '', pattern);
    }
    assert.equal(await but('/srv', folder(0o1777)), [], 'as /tmp is');
    assert.match(
      (await but(`${at}/pepper`, file(0o644))).join(),
      /^bad [^,]*pepper: others can read it \| chmod 600/,
    );
    assert.match(
      (await but(`${at}/pepper`, file(0o600, 1000))).join(),
      /^bad [^,]*pepper: belongs to user 1000/,
    );
    assert.equal(await but(`${at}/pepper`, file(0o440)), [], 'as systemd hands it over');
    assert.equal(await but(`${at}/address-rules`, file(0o644, 1000)), [], 'an administrator wrote it');
    assert.equal(await but(`${at}/lost+found`, folder(0o755)), [], 'the data has a disk of its own');
  });

  test('what is gone, is not there yet, or is another user’s is taken for something else', async () => {
    const { [`${at}/pepper`]: _, ...withoutPepper } = good;
    assert.match((await found(withoutPepper)).join(), /^bad .*is gone, and the registry opens with no other/);
    const handed = { ...withoutPepper, '/etc/credstore/obalka.pepper': file() };
    assert.equal(await found(handed), [], 'systemd has it');
    const { [`${at}/registry.sqlite`]: __, ...withoutRegistry } = good;
    assert.match((await found(withoutRegistry)).join(), /^warning .*no address has a key/);
    assert.match(
      (await found({ '/srv': folder(0o755) })).join(),
      /^warning .*no data directory yet \| obalka init --data \/srv\/mail$/,
    );
    assert.match(
      (await found({ [at]: folder() })).join(),
      /^warning .*no obalka data in it yet \| obalka init/,
    );
    assert.match(
      (await found(good, 1000)).join(),
      /^unseen .*belongs to user 0.*\| sudo obalka doctor --data \/srv\/mail$/,
    );
    assert.match(
      (await found(good, 0, 990)).join(),
      /^bad .*belongs to user 0, and user 990 serves it \| chown -R 990/,
    );
  });
});
