/** The whole examination of a machine of a test: what is asked of whom, and for which server. */
import { settle } from '../../../src/cli/config/settled.js';
import { dataDirectory } from '../../../src/cli/data/data-directory.js';
import { examine } from '../../../src/cli/doctor/examine.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import type { Names } from '../../../src/net/names.js';
import { fakeMachine, limits, type Told } from '../../support/fake-machine.js';
import { assert, suite } from '../../support/suite.js';

const data = dataDirectory('/nowhere/data');

async function examined(
  told: Told,
  given: Readonly<Record<string, unknown>> = {},
  domain?: string,
): Promise<Finding[]> {
  const asked: string[] = [];
  const nobody = async (name: string) => {
    asked.push(name);
    return { kind: 'failed', why: 'ETIMEOUT' } as const;
  };
  const names: Names = {
    mx: nobody,
    addresses: nobody,
    texts: nobody,
    alias: nobody,
    pointers: nobody,
    keys: nobody,
  };
  const all: Finding[] = [];
  for await (const finding of examine({
    machine: fakeMachine(told),
    data,
    all: settle(given, undefined),
    configuration: undefined,
    domain: domain === undefined ? undefined : { name: domain, names, fetch: nobody },
  }))
    all.push(finding);
  assert.equal(asked, domain === undefined ? [] : [domain], 'asked of DNS');
  return all;
}

const about = (findings: readonly Finding[], what: string) =>
  findings.filter((finding) => finding.about === what).map(({ level, seen }) => `${level} ${seen}`);

suite('examination', (test) => {
  test('a machine without a network is bad for it', async () => {
    const findings = await examined(
      {},
      { listen: ['0.0.0.0:25'], hostname: 'mx.example.org' },
      'example.org',
    );
    assert.is(findings.at(-1)?.about, 'DNS');
    assert.equal(
      findings.filter(({ level }) => level === 'bad'),
      [],
    );
    assert.equal(about(findings, 'name'), ['ok the server is called mx.example.org']);
    assert.is(findings.filter(({ level }) => level === 'unseen').length, 1);
  });

  test('a machine that shows nothing is bad for it', async () => {
    const nothing: Told = {
      text: async () => undefined,
      space: () => undefined,
      syncs: () => 'EACCES',
      run: async () => undefined,
    };
    const findings = await examined(nothing);
    assert.equal(
      findings.filter(({ level }) => level === 'bad'),
      [],
    );
    assert.is(findings.filter(({ level }) => level === 'unseen').length, 8);
  });

  test('a name that nobody can look up is no matter for a server that is open to all, or is one for another', async () => {
    const open = { listen: ['[::]:25'], hostname: 'box' };
    assert.match(
      about(await examined({}, open), 'name').join(),
      /^warning .*box, which others cannot look up/,
    );
    for (const listen of ['127.0.0.1:25', '[::1]:2525', 'unix:/x', 'lmtp://unix:/x', 'smtp://localhost:25'])
      assert.equal(about(await examined({}, { listen: [listen], hostname: 'box' }), 'name'), [], listen);
  });

  test('a server that was told nothing is asked for the usual port, although it has others', async () => {
    const unit = { '/etc/systemd/system/obalka.service': 'LimitNOFILE=65536\n' };
    const installed = await examined({ files: unit });
    assert.equal(about(installed, 'ports'), [
      'ok other ports for mail: 24 free, 25 free, 465 free, 587 free',
    ]);
    const line = (port: string, inode: number) => `0: 00000000:${port} 0:0 0A 0:0 0:0 0 0 0 ${inode} 1\n`;
    const running = await examined({
      files: {
        ...unit,
        '/proc/net/unix': `0: 2 0 00010000 1 1 42 ${data.control}\n`,
        '/proc/net/tcp': line('0019', 43) + line('01D1', 44),
        '/proc/7/limits': limits('65536', '0'),
      },
      held: {
        42: [{ pid: 7, name: 'node' }],
        43: [
          { pid: 1, name: 'systemd' },
          { pid: 7, name: 'node' },
        ],
        44: [{ pid: 9, name: 'master' }],
      },
    });
    assert.equal(about(running, 'ports'), [
      'ok 0.0.0.0:25: the server listens there',
      'ok other ports for mail: 24 free, 465 taken by master (process 9), 587 free',
    ]);
  });

  test('a user who is to serve is not there, and nothing is said', async () => {
    const [owner] = about(await examined({}, { user: 'no-such-user-here' }), 'owner');
    assert.match(owner ?? '', /^bad .*no such user here/);
  });
});
